import { m } from "../messages/messages.js";
import { shownAnswer } from "./answer";
import { FieldFrame } from "./FieldFrame";
import { useField, useForm } from "./context";

/** Read aloud, and confirmed by the caller. */
export function ConfirmField({ path, statement }: { path: string; statement: string }) {
  const form = useForm();
  const field = useField(path);
  const { question, refused } = field;
  const confirmed = shownAnswer(field)?.type === "confirmed";
  return (
    <FieldFrame question={question} refused={refused} answered={confirmed}>
      {({ control, describedBy }) => (
        <div className="confirm">
          <p className="statement" lang="sv" id={`${control}-statement`}>
            {statement}
          </p>
          <label className="choice">
            <input
              type="checkbox"
              name={path}
              value="confirmed"
              checked={confirmed}
              aria-describedby={[`${control}-statement`, describedBy].filter(Boolean).join(" ")}
              aria-invalid={question.faults.length > 0}
              onChange={(event) => form.answer(path, event.target.checked ? { type: "confirmed" } : null)}
              onBlur={() => form.left(path)}
            />
            <span>{m.form_confirm()}</span>
          </label>
        </div>
      )}
    </FieldFrame>
  );
}
