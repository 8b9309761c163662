import { m } from "../messages/messages.js";
import { focusField, focusSoon, isDrawn } from "../parts/focus";
import type { Call } from "../store/call";
import type { Form } from "../store/form";
import type { Workspace } from "../store/workspace";

/** The form on screen, if it can still be changed. */
export function currentForm(workspace: Workspace): Form | null {
  const place = workspace.place.value;
  const call = workspace.call.value;
  if (place.at !== "case" || !call || !isEditable(call, place.draft)) return null;
  return call.form(place.draft) ?? null;
}

function isEditable(call: Call, draft: string): boolean {
  const found = call.cases.value.find((each) => each.draft === draft);
  return found?.status.state === "editing" && found.readable && !found.discarded;
}

export function goToStep(workspace: Workspace, index: number): void {
  const form = currentForm(workspace);
  const step = form?.outline.value.steps[index];
  if (!form || !step) return;
  showForm(workspace, form);
  form.goTo(step.id);
  focusSoon(firstOfStep);
}

export function stepBy(workspace: Workspace, by: 1 | -1): void {
  const form = currentForm(workspace);
  if (!form) return;
  const { steps, position } = form.outline.value;
  const here = steps.findIndex(({ id }) => id === position);
  const place = workspace.place.value;
  // The read-back comes after the last step; sending is never a step.
  if (place.at === "case" && place.reading) return by < 0 ? goToStep(workspace, here) : undefined;
  const next = here + by;
  if (next >= steps.length) void readBack(workspace);
  else if (next >= 0) goToStep(workspace, next);
}

/** The read-back, unless something must be put right first: then there. */
export async function readBack(workspace: Workspace): Promise<void> {
  const form = currentForm(workspace);
  if (!form) return;
  await form.trySubmit();
  if (!form.outline.value.sendable) {
    showForm(workspace, form);
    focusSoon(() => document.querySelector<HTMLElement>(".error-summary"));
    return;
  }
  workspace.place.set({ at: "case", draft: form.draft, reading: true });
  focusSoon(() => document.querySelector<HTMLElement>(".read-back h2"));
}

/** To a question wherever it stands in the form. */
export function goToQuestion(workspace: Workspace, path: string): void {
  const form = currentForm(workspace);
  const question = form?.field(path)?.value.question;
  if (!form || !question) return;
  showForm(workspace, form);
  if (question.step !== form.outline.value.position) form.goTo(question.step);
  focusField(path);
}

export function nextError(workspace: Workspace): void {
  const form = currentForm(workspace);
  const faults = form?.outline.value.faults ?? [];
  if (!form || faults.length === 0) return workspace.announce(m.form_no_errors());
  const here = document.activeElement?.closest<HTMLElement>("[data-field]")?.dataset["field"];
  const index = faults.findIndex(({ path }) => path === here);
  const next = faults[(index + 1) % faults.length];
  if (next) goToQuestion(workspace, next.path);
}

/** Around the panes with F6; each pane takes focus as a whole. */
export function cyclePanes(by: 1 | -1): void {
  const panes = [...document.querySelectorAll<HTMLElement>("[data-pane]")].filter(isDrawn);
  const here = panes.findIndex((pane) => pane.contains(document.activeElement));
  const start = here < 0 && by < 0 ? 0 : here;
  panes.at((start + by) % panes.length)?.focus();
}

/** A new call with the note field ready. */
export async function newCall(workspace: Workspace): Promise<void> {
  if (await workspace.startCall()) focusField("call.note");
}

export async function endCall(workspace: Workspace): Promise<void> {
  await workspace.endCall();
  if (workspace.call.value?.head.value.ended_at) workspace.announce(m.call_end_done());
}

/** Everything is saved as it is typed; this says so. */
export async function sayWhetherSaved(workspace: Workspace): Promise<void> {
  const saved = await Promise.all(workspace.calls.map((call) => call.flush()));
  if (saved.every(Boolean)) workspace.announce(m.save_saved());
}

function showForm(workspace: Workspace, form: Form): void {
  workspace.place.set({ at: "case", draft: form.draft, reading: false });
}

function firstOfStep(): HTMLElement | null {
  return (
    document.querySelector<HTMLElement>(".step-fields :is(input:not([aria-hidden]), textarea, button:not(.later, .hold))") ??
    document.querySelector<HTMLElement>(".step-fields")
  );
}
