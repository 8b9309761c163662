import type { Answer, KindView } from "../ipc";
import { m } from "../messages/messages.js";
import type { Field } from "../store/form";

/** What is on screen: what was typed before what the core has. */
export function shownAnswer({ typed, question }: Field): Answer | null {
  if (typed !== undefined) return typed;
  return question.answer.shown === "plain" ? question.answer.answer : null;
}

export function shownText(field: Field): string {
  const answer = shownAnswer(field);
  return answer?.type === "text" ? answer.text : "";
}

export function shownChoices(field: Field): { choices: string[]; other: string } {
  const answer = shownAnswer(field);
  return answer?.type === "choice" ? { choices: answer.choices, other: answer.other ?? "" } : { choices: [], other: "" };
}

/** The id of a free-text alternative. */
export const OTHER = "other";

/** All alternatives, with the free-text one last. */
export function alternatives(kind: { choices: { id: string; label: string }[]; other: string | null }): { id: string; label: string }[] {
  return kind.other === null ? kind.choices : [...kind.choices, { id: OTHER, label: kind.other }];
}

/** An answer as one line of text; rows are said one by one elsewhere. */
export function answerWords(kind: KindView, answer: Answer): string {
  switch (answer.type) {
    case "text":
      return answer.text;
    case "choice": {
      const known = "choices" in kind ? alternatives(kind) : [];
      const labels = answer.choices.map((id) => known.find((each) => each.id === id)?.label ?? id);
      return [...labels, ...(answer.other ? [answer.other] : [])].join(", ");
    }
    case "confirmed":
      return m.answer_confirmed();
    case "files":
      return answer.files.map(({ name }) => name).join(", ");
    case "rows":
      return "";
  }
}
