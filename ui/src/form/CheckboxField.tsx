import type { KindView } from "../ipc";
import { OtherText } from "./OtherText";
import { OTHER, alternatives, shownChoices } from "./answer";
import { FieldFrame } from "./FieldFrame";
import { useField, useForm } from "./context";

/** Any number of alternatives, kept in the definition's order. */
export function CheckboxField({ path, kind }: { path: string; kind: Extract<KindView, { kind: "checkbox" }> }) {
  const form = useForm();
  const field = useField(path);
  const { question, refused } = field;
  const { choices, other } = shownChoices(field);
  const all = alternatives(kind);
  const set = (chosen: ReadonlySet<string>, text = other): void => {
    const ids = all.map(({ id }) => id).filter((id) => chosen.has(id));
    if (ids.length === 0) return form.answer(path, null);
    form.answer(path, { type: "choice", choices: ids, ...(chosen.has(OTHER) && text !== "" ? { other: text } : {}) });
  };
  const toggle = (id: string, on: boolean): void => {
    const chosen = new Set(choices);
    if (on) chosen.add(id);
    else chosen.delete(id);
    set(chosen);
  };
  return (
    <FieldFrame question={question} refused={refused} answered={choices.length > 0}>
      {({ label, describedBy }) => (
        <div
          role="group"
          className="choices choices-column"
          aria-labelledby={label}
          aria-describedby={describedBy}
          onBlur={(event) => {
            if (!event.currentTarget.contains(event.relatedTarget)) form.left(path);
          }}
        >
          {all.map(({ id, label: words }) => (
            <label key={id} className="choice">
              <input
                type="checkbox"
                name={path}
                value={id}
                checked={choices.includes(id)}
                onChange={(event) => toggle(id, event.target.checked)}
              />
              <span>{words}</span>
            </label>
          ))}
          {choices.includes(OTHER) && <OtherText path={path} text={other} change={(text) => set(new Set(choices), text)} />}
        </div>
      )}
    </FieldFrame>
  );
}
