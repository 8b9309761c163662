import type { KindView } from "../ipc";
import { OtherText } from "./OtherText";
import { OTHER, alternatives, shownChoices } from "./answer";
import { FieldFrame } from "./FieldFrame";
import { useField, useForm } from "./context";

/** One of a few alternatives. Native radio buttons: arrows choose, also when nothing is chosen yet. */
export function RadioField({ path, kind }: { path: string; kind: Extract<KindView, { kind: "radio" }> }) {
  const form = useForm();
  const field = useField(path);
  const { question, refused } = field;
  const { choices, other } = shownChoices(field);
  const [chosen] = choices;
  const choose = (id: string, text = other): void =>
    form.answer(path, { type: "choice", choices: [id], ...(id === OTHER && text !== "" ? { other: text } : {}) });
  return (
    <FieldFrame question={question} refused={refused} answered={chosen !== undefined} clear={() => form.answer(path, null)}>
      {({ label, describedBy }) => (
        <div
          role="radiogroup"
          className="choices"
          aria-labelledby={label}
          aria-describedby={describedBy}
          aria-invalid={question.faults.length > 0}
          onBlur={(event) => {
            if (!event.currentTarget.contains(event.relatedTarget)) form.left(path);
          }}
        >
          {alternatives(kind).map(({ id, label: words }) => (
            <label key={id} className="choice">
              <input type="radio" name={path} value={id} checked={chosen === id} onChange={() => choose(id)} />
              <span>{words}</span>
            </label>
          ))}
          {chosen === OTHER && <OtherText path={path} text={other} change={(text) => choose(OTHER, text)} />}
        </div>
      )}
    </FieldFrame>
  );
}
