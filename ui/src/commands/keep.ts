import { m } from "../messages/messages.js";
import { focusSoon } from "../parts/focus";
import type { Workspace } from "../store/workspace";
import { dayOfYear, moment } from "../words/time";
import { currentForm } from "./moves";

/** Opens a dialog about the draft being filled in. */
export function aboutCase(workspace: Workspace, about: "history" | "discard" | "extend"): void {
  const form = currentForm(workspace);
  if (form) workspace.dialog.set({ about, draft: form.draft });
}

export function mayExtend(workspace: Workspace): boolean {
  const draft = currentForm(workspace)?.draft;
  const shown = workspace.call.value?.cases.value.find((each) => each.draft === draft);
  return shown !== undefined && shown.keeping !== null && shown.extensions_left > 0;
}

/** One step back in the draft, whatever has focus; once more goes forward again. */
export async function undo(workspace: Workspace): Promise<void> {
  const form = currentForm(workspace);
  if (!form) return;
  const undone = await workspace.undo(form.draft);
  if (undone) workspace.say(undone.question === null ? m.undo_done_several() : m.undo_done({ question: undone.question }));
  else if (workspace.problem.value === null) workspace.say(m.undo_nothing());
}

export async function restore(workspace: Workspace, draft: string, { id, at }: { id: string; at: string }): Promise<void> {
  if (!(await workspace.restore(draft, id))) return;
  workspace.dialog.set(null);
  workspace.say(m.history_restored({ time: moment(at) }));
}

/** Thrown away, with the way back in focus. */
export async function discard(workspace: Workspace, draft: string): Promise<void> {
  const discarded = await workspace.discard(draft);
  workspace.dialog.set(null);
  if (!discarded) return;
  workspace.say(m.discard_done(), () => void takeBack(workspace, draft));
  focusSoon(() => document.querySelector<HTMLElement>('[name="done.undo"]'));
}

/** The case on screen, if it is on its way and can be had back. */
export function withdrawable(workspace: Workspace): string | null {
  const { value: place } = workspace.place;
  if (place.at !== "case") return null;
  const shown = workspace.call.value?.cases.value.find(({ draft }) => draft === place.draft);
  return shown?.on_its_way?.withdrawable ? shown.draft : null;
}

/** Says what came of it as far as it is known: a draft again, or asked back. A receipt speaks for itself. */
export async function withdraw(workspace: Workspace, draft: string | null): Promise<void> {
  const state = draft === null ? null : await workspace.withdraw(draft);
  if (state === "editing") workspace.say(m.withdraw_done());
  else if (state === "withdrawing") workspace.say(m.withdraw_asked());
  if (state !== null) focusSoon(() => document.querySelector<HTMLElement>('[data-pane="form"] h1'));
}

export async function takeBack(workspace: Workspace, draft: string): Promise<void> {
  if (!(await workspace.takeBack(draft))) return;
  workspace.say(m.take_back_done());
  focusSoon(() => document.querySelector<HTMLElement>(".case-title h1"));
}

export async function erase(workspace: Workspace, draft: string): Promise<void> {
  const erased = await workspace.erase(draft);
  workspace.dialog.set(null);
  if (!erased) return;
  workspace.say(m.erase_done());
  focusSoon(() => document.querySelector<HTMLElement>('[data-pane="form"]'));
}

/** Resolves to the code of what was wrong, or `null` when the draft has its new time. */
export async function extend(workspace: Workspace, draft: string, reason: string): Promise<string | null> {
  if (!(await workspace.extend(draft, reason))) return workspace.problem.value;
  workspace.dialog.set(null);
  const keeping = workspace.call.value?.cases.value.find((each) => each.draft === draft)?.keeping;
  if (keeping) workspace.say(m.extend_done({ date: dayOfYear(keeping.through) }));
  return null;
}

export function goToSearch(): void {
  focusSoon(() => document.querySelector<HTMLElement>('[name="search"]'));
}

/** The search inside a protected call, which is where it can be found. */
export function goToCallSearch(workspace: Workspace): void {
  workspace.callPane.set("shown");
  focusSoon(() => document.querySelector<HTMLElement>('[name="search.within"]'));
}
