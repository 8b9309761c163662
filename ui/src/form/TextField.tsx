import { useEffect, type InputHTMLAttributes } from "react";

import type { KindView } from "../ipc";
import { m } from "../messages/messages.js";
import type { Question } from "../store/form";
import { shownText } from "./answer";
import { FieldFrame } from "./FieldFrame";
import { useEditingMask } from "./masking";
import { useField, useForm } from "./context";

type Kind = KindView["kind"];

const HINTS: { [kind in Kind]?: () => string } = {
  date: () => m.form_date_hint(),
  time: () => m.form_time_hint(),
  personal_identity_number: () => m.form_pnr_hint(),
  organisation_number: () => m.form_org_hint(),
  postcode: () => m.form_postcode_hint(),
};

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
  "organisation_number",
  "phone",
  "postcode",
]);

/** Everything that is typed. What is typed stays as it is typed; the core says what is wrong with it. */
export function TextField({ path, kind }: { path: string; kind: KindView }) {
  const form = useForm();
  const field = useField(path);
  const { question, refused } = field;
  const text = shownText(field);
  const editing = useEditingMask(form, question, text);
  useEffect(() => () => form.gone(path), [form, path]);
  return (
    <FieldFrame question={question} refused={refused} hint={HINTS[kind.kind]?.()} answered={text !== ""} labels>
      {({ control, describedBy }) => {
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
        if (kind.kind === "text_area")
          return (
            <>
              <textarea {...shared} rows={4} />
              <Left kind={kind} text={text} />
            </>
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
