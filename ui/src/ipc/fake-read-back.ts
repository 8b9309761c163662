// What is read back to the caller, in the fake core.
import type { QuestionView, ReadBack, ReadBackLine, UiLanguage } from "./bindings";
import { spell } from "../words/spelling";
import { formView } from "./fake-form";
import type { FakeCall, FakeCase } from "./fake-scenes";

export function readBackOf(call: FakeCall, one: FakeCase, language: UiLanguage): ReadBack {
  const view = formView(one.definition, one.form, call.isProtected);
  const lines = (step: string): ReadBackLine[] =>
    view.questions
      .filter((question) => question.step === step)
      .flatMap((question) => readBackLines(question, call.isProtected, language));
  return {
    sections: view.steps
      .map((step) => ({ title: step.title, lines: lines(step.id) }))
      .filter((section) => section.lines.length > 0),
    missing: view.remaining.map(({ label }) => label),
    sendable: view.sendable,
    oral_filing: one.definition.oral_filing,
    confirmed: one.confirmed,
  };
}

function spelled(words: string): string {
  return words
    .split(/\s+/)
    .map((each) => spell(each).map(({ word }) => word).join(" "))
    .join(", ");
}

function readBackLines(question: QuestionView, isProtected: boolean, language: UiLanguage): ReadBackLine[] {
  const { kind, rows } = question;
  const row = kind.kind === "group" ? kind.row_label : "";
  return [
    ...readBackLine(question, null, isProtected, language),
    ...rows.flatMap(({ questions }, index) =>
      questions.flatMap((member) => readBackLine(member, kind.kind === "group" && kind.single ? row : `${row} ${index + 1}`, isProtected, language)),
    ),
  ];
}

function readBackLine(
  { path, label, answer, kind, state, via_forwarding }: QuestionView,
  heading: string | null,
  isProtected: boolean,
  language: UiLanguage,
): ReadBackLine[] {
  if (state === "hidden" || kind.kind === "note") return [];
  const either = (swedish: string, english: string): string => (language === "sv" ? swedish : english);
  const line = (spoken: string, letters: string | null = null): ReadBackLine[] => [
    { question: path, heading, label, spoken, spell: isProtected || letters === null ? null : spelled(letters) },
  ];
  if (via_forwarding) {
    return line(either("Går via Skatteverkets förmedling.", "Goes through the Swedish Tax Agency's forwarding."));
  }
  if (answer.shown === "none") return [];
  if (answer.shown === "masked") return line(either("Antecknat, läses inte upp.", "Noted, not read out."));
  switch (answer.answer.type) {
    case "text": {
      const { text } = answer.answer;
      if (kind.kind === "personal_identity_number") return line(`${either("slutar på", "ends in")} ${text.slice(-4)}`);
      return line(text, kind.kind === "text" || kind.kind === "address" ? text : null);
    }
    case "choice": {
      const { choices } = answer.answer;
      const labels = "choices" in kind ? kind.choices.filter(({ id }) => choices.includes(id)) : [];
      return line(labels.map((chosen) => chosen.label).join(", "));
    }
    case "confirmed":
      return line(either("Ja, bekräftat.", "Yes, confirmed."));
    case "files": {
      const { length } = answer.answer.files;
      return line(`${length} ${length === 1 ? either("fil", "file") : either("filer", "files")}`);
    }
    case "rows":
      return [];
  }
}
