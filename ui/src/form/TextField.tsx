import { useEffect, type InputHTMLAttributes } from "react";

import type { KindView } from "../ipc";
import { m } from "../messages/messages.js";
import type { Question } from "../store/form";
import { shownText } from "./answer";
import { ForCaseOfficer } from "./asides";
import { CoveredInput } from "./CoveredInput";
import { FieldFrame } from "./FieldFrame";
import { useEditingMask } from "./masking";
import { useField, useForm } from "./context";

type Kind = KindView["kind"];

const KEYBOARDS: { [kind in Kind]?: InputHTMLAttributes<HTMLInputElement>["inputMode"] } = {
  number: "decimal",
  money: "numeric",
  phone: "tel",
  email: "email",
  postcode: "numeric",
};

/** Kinds whose answers have a known length: the field is as wide as the answer. */
const SHORT = new Set<Kind>([
  "number",
  "money",
  "date",
  "time",
  "personal_identity_number",
  "other_identity_number",
  "organisation_number",
  "phone",
  "postcode",
]);

/** Kinds of several lines, and how many there are at first. */
const LINES: { [kind in Kind]?: number } = { text_area: 4, note: 2, unknown: 2 };

/** Everything that is typed. What is typed stays as it is typed; the core says what is wrong with it. */
export function TextField({ path, kind }: { path: string; kind: KindView }) {
  const form = useForm();
  const field = useField(path);
  const { question, refused } = field;
  const text = shownText(field);
  const editing = useEditingMask(form, question, text);
  useEffect(() => () => form.gone(path), [form, path]);
  return (
    <FieldFrame question={question} refused={refused} answered={text !== ""} labels>
      {({ control, label, describedBy }) => {
        const shared = {
          id: control,
          name: path,
          value: text,
          autoComplete: "off",
          autoCorrect: "off",
          spellCheck: spelled(question),
          "aria-describedby": describedBy,
          "aria-invalid": question.faults.length > 0 || refused !== null,
          onFocus: () => form.entered(path),
          onBlur: () => form.left(path),
          onChange: (event: { target: { value: string } }) => form.type(path, event.target.value),
          ...editing,
        };
        if (kind.kind === "unknown")
          return (
            <>
              <ForCaseOfficer />
              <p className="help" id={`${control}-said`}>
                {m.form_unknown_note()}
              </p>
              <textarea {...shared} rows={LINES.unknown} aria-labelledby={`${label} ${control}-said`} />
            </>
          );
        const lines = LINES[kind.kind];
        if (lines !== undefined)
          return (
            <>
              <textarea {...shared} rows={lines} />
              <Left kind={kind} text={text} />
            </>
          );
        if (kind.kind === "text" && kind.covered)
          return (
            <CoveredInput input={shared} label={question.label}>
              <Left kind={kind} text={text} />
            </CoveredInput>
          );
        const unit = kind.kind === "number" ? kind.unit : kind.kind === "money" ? m.form_money_unit() : null;
        return (
          <div className={SHORT.has(kind.kind) ? "input-line input-short" : "input-line"}>
            <input {...shared} type="text" inputMode={KEYBOARDS[kind.kind]} />
            {unit && <span className="unit">{unit}</span>}
            <Left kind={kind} text={text} />
          </div>
        );
      }}
    </FieldFrame>
  );
}

/** How much room is left, once it is little. */
function Left({ kind, text }: { kind: KindView; text: string }) {
  const most = kind.kind === "text" || kind.kind === "text_area" ? kind.max_length : null;
  const left = most === null ? null : most - [...text].length;
  if (most === null || left === null || left < 0 || left > most / 5) return null;
  return <p className="help">{m.form_characters_left({ count: left })}</p>;
}

/** Spelling may go through the system: only plain free text, never anything personal. */
function spelled({ kind, sensitivity }: Question): boolean {
  return sensitivity === "ordinary" && kind.kind === "text_area";
}
