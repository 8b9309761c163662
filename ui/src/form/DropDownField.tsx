import type { KindView } from "../ipc";
import { m } from "../messages/messages.js";
import { DropDown } from "../parts/DropDown";
import { OtherText } from "./OtherText";
import { OTHER, alternatives, shownChoices } from "./answer";
import { FieldFrame } from "./FieldFrame";
import { useField, useForm } from "./context";

/** One of many alternatives. */
export function DropDownField({ path, kind }: { path: string; kind: Extract<KindView, { kind: "drop_down" }> }) {
  const form = useForm();
  const field = useField(path);
  const { question, refused } = field;
  const { choices, other } = shownChoices(field);
  const chosen = choices[0] ?? null;
  const choose = (id: string, text = other): void =>
    form.answer(path, { type: "choice", choices: [id], ...(id === OTHER && text !== "" ? { other: text } : {}) });
  return (
    <FieldFrame question={question} refused={refused} answered={chosen !== null} clear={() => form.answer(path, null)}>
      {({ label, describedBy }) => (
        <div className="choices-column">
          <DropDown
            name={path}
            choices={alternatives(kind)}
            chosen={chosen}
            placeholder={m.form_choose()}
            labelledBy={label}
            describedBy={describedBy}
            invalid={question.faults.length > 0}
            choose={choose}
            left={() => form.left(path)}
          />
          {chosen === OTHER && <OtherText path={path} text={other} change={(text) => choose(OTHER, text)} />}
        </div>
      )}
    </FieldFrame>
  );
}
