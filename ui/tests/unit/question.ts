// A question as the core shows it, for the tests of what draws and keeps it.
import type { KindView, QuestionView } from "../../src/ipc";

export const TEXT: KindView = { kind: "text", max_length: null, covered: false };

export function question(path: string, label: string, kind: KindView, changes: Partial<QuestionView> = {}): QuestionView {
  return {
    path,
    step: "one",
    label,
    help: [],
    ask: null,
    asked_because: null,
    role: null,
    state: "visible_required",
    sensitivity: "ordinary",
    via_forwarding: false,
    kind,
    answer: { shown: "none" },
    faults: [],
    later: false,
    rows: [],
    ...changes,
  };
}

export function answered(text: string): Partial<QuestionView> {
  return { answer: { shown: "plain", answer: { type: "text", text } } };
}

/** What is said of an attached file, when none was. */
export const NO_FILE = { traces: null };
