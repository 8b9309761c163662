import { m } from "../messages/messages.js";
import { focusSoon, isDrawn } from "../parts/focus";
import type { Workspace } from "../store/workspace";
import type { Chord } from "./chord";
import { aboutCase, goToCallSearch, goToSearch, mayExtend, undo, withdraw, withdrawable } from "./keep";
import { currentForm, cyclePanes, endCall, goToStep, newCall, nextError, readBack, sayWhetherSaved, stepBy } from "./moves";

/** What the worker can do, once: palette, keys and the sheet of keys are made from this. */
export interface Command {
  id: string;
  words: () => string;
  keys?: Chord;
  /** Whether it makes sense now. */
  available: (workspace: Workspace) => boolean;
  run: (workspace: Workspace) => void;
  /** Keys only: not offered in the palette. */
  hidden?: true;
}

const always = (): boolean => true;
const inCall = (workspace: Workspace): boolean => workspace.call.value !== null;
const inForm = (workspace: Workspace): boolean => currentForm(workspace) !== null;

function toggleProtection(workspace: Workspace): void {
  if (workspace.call.value?.head.value.protected) workspace.dialog.set("lower_protection");
  else void workspace.protect().then(() => workspace.announce(m.protected_on_done()));
}

export function toggleCallPane(workspace: Workspace): void {
  const pane = (): HTMLElement | null => document.querySelector<HTMLElement>('[data-pane="call"]');
  const visible = isDrawn(pane());
  workspace.callPane.set(visible ? "hidden" : "shown");
  focusSoon(() => (visible ? document.querySelector<HTMLElement>('[data-pane="form"]') : pane()));
}

export const commands: readonly Command[] = [
  {
    id: "palette",
    words: () => m.command_palette(),
    keys: { ctrl: true, key: "k" },
    available: always,
    run: (workspace) => workspace.dialog.set("palette"),
    hidden: true,
  },
  {
    id: "new_call",
    words: () => m.command_new_call(),
    keys: { ctrl: true, key: "n" },
    available: always,
    run: (workspace) => void newCall(workspace),
  },
  {
    id: "choose_service",
    words: () => m.command_choose_service(),
    available: always,
    run: (workspace) => {
      workspace.place.set({ at: "catalogue" });
      focusSoon(() => document.querySelector<HTMLElement>(".catalogue-search input"));
    },
  },
  {
    id: "next_step",
    words: () => m.command_next_step(),
    keys: { ctrl: true, key: "Enter" },
    available: inForm,
    run: (workspace) => stepBy(workspace, 1),
  },
  {
    id: "previous_step",
    words: () => m.command_previous_step(),
    keys: { ctrl: true, shift: true, key: "Enter" },
    available: inForm,
    run: (workspace) => stepBy(workspace, -1),
  },
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map(
    (number): Command => ({
      id: `step_${number}`,
      words: () => m.command_step_number({ number }),
      keys: { alt: true, key: `Digit${number}` },
      available: (workspace) => (currentForm(workspace)?.outline.value.steps.length ?? 0) >= number,
      run: (workspace) => goToStep(workspace, number - 1),
      hidden: true,
    }),
  ),
  {
    id: "read_back",
    words: () => m.command_read_back(),
    available: inForm,
    run: (workspace) => void readBack(workspace),
  },
  {
    id: "next_error",
    words: () => m.command_next_error(),
    keys: { key: "F7" },
    available: inForm,
    run: nextError,
  },
  {
    id: "ask_view",
    words: () => m.command_ask_view(),
    available: inForm,
    run: (workspace) => workspace.askView.set(!workspace.askView.value),
  },
  {
    id: "save",
    words: () => m.command_save(),
    keys: { ctrl: true, key: "s" },
    available: always,
    run: (workspace) => void sayWhetherSaved(workspace),
  },
  {
    id: "undo",
    words: () => m.command_undo(),
    // Ctrl+Z stays the text field's own.
    keys: { ctrl: true, alt: true, key: "KeyZ" },
    available: inForm,
    run: (workspace) => void undo(workspace),
  },
  {
    id: "history",
    words: () => m.command_history(),
    keys: { ctrl: true, key: "h" },
    available: inForm,
    run: (workspace) => aboutCase(workspace, "history"),
  },
  {
    id: "discard",
    words: () => m.command_discard(),
    available: inForm,
    run: (workspace) => aboutCase(workspace, "discard"),
  },
  {
    id: "withdraw",
    words: () => m.command_withdraw(),
    // As undoing in a draft: the text field has Ctrl+Z, and there is none here.
    keys: { ctrl: true, shift: true, key: "z" },
    available: (workspace) => withdrawable(workspace) !== null,
    run: (workspace) => void withdraw(workspace, withdrawable(workspace)),
  },
  {
    id: "extend",
    words: () => m.command_extend(),
    available: mayExtend,
    run: (workspace) => aboutCase(workspace, "extend"),
  },
  {
    id: "search",
    words: () => m.command_search(),
    keys: { ctrl: true, key: "f" },
    available: always,
    run: goToSearch,
  },
  {
    id: "search_within",
    words: () => m.search_within(),
    available: (workspace) => workspace.call.value?.head.value.protected ?? false,
    run: goToCallSearch,
  },
  {
    id: "ask_case",
    words: () => m.ask_case_title(),
    keys: { ctrl: true, shift: true, key: "f" },
    available: always,
    run: (workspace) => workspace.dialog.set("ask_case"),
  },
  {
    id: "protect",
    words: () => m.command_protect(),
    keys: { ctrl: true, shift: true, key: "p" },
    available: inCall,
    run: toggleProtection,
  },
  {
    id: "end_call",
    words: () => m.command_end_call(),
    available: (workspace) => workspace.call.value?.head.value.ended_at === null,
    run: (workspace) => void endCall(workspace),
  },
  {
    id: "call_pane",
    words: () => m.command_call_pane(),
    keys: { key: "F8" },
    available: always,
    run: toggleCallPane,
  },
  {
    id: "next_pane",
    words: () => m.command_next_pane(),
    keys: { key: "F6" },
    available: always,
    run: () => cyclePanes(1),
    hidden: true,
  },
  {
    id: "previous_pane",
    words: () => m.command_previous_pane(),
    keys: { shift: true, key: "F6" },
    available: always,
    run: () => cyclePanes(-1),
    hidden: true,
  },
  {
    id: "retry",
    words: () => m.command_retry(),
    available: (workspace) => workspace.desk.value?.link.state !== "connected",
    run: (workspace) => void workspace.retryNow(),
  },
  {
    id: "lock",
    words: () => m.command_lock(),
    keys: { ctrl: true, key: "l" },
    available: always,
    run: (workspace) => void workspace.lock(),
  },
  {
    id: "settings",
    words: () => m.command_settings(),
    keys: { ctrl: true, key: "," },
    available: always,
    run: (workspace) => workspace.dialog.set("settings"),
  },
  {
    id: "certificates",
    words: () => m.command_certificates(),
    available: always,
    run: (workspace) => workspace.dialog.set("certificates"),
  },
  {
    id: "health",
    words: () => m.command_health(),
    available: always,
    run: (workspace) => workspace.dialog.set("health"),
  },
  {
    id: "keys",
    words: () => m.command_keys(),
    keys: { key: "?" },
    available: always,
    run: (workspace) => workspace.dialog.set("keys"),
  },
  {
    id: "keys_anywhere",
    words: () => m.command_keys_anywhere(),
    keys: { key: "F1" },
    available: always,
    run: (workspace) => workspace.dialog.set("keys"),
    hidden: true,
  },
  {
    id: "sign_out",
    words: () => m.command_sign_out(),
    available: always,
    run: (workspace) => void workspace.signOut(),
  },
];

export function command(id: string): Command | undefined {
  return commands.find((each) => each.id === id);
}
