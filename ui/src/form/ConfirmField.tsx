import type { KindView } from "../ipc";
import { m } from "../messages/messages.js";
import { RichText } from "../parts/RichText";
import { shownAnswer } from "./answer";
import { FieldFrame } from "./FieldFrame";
import { useField, useForm } from "./context";

/** Read aloud, and confirmed by the caller. */
export function ConfirmField({ path, kind }: { path: string; kind: Extract<KindView, { kind: "confirm" }> }) {
  const form = useForm();
  const field = useField(path);
  const { question, refused } = field;
  const confirmed = shownAnswer(field)?.type === "confirmed";
  return (
    <FieldFrame question={question} refused={refused} answered={confirmed}>
      {({ control, describedBy }) => (
        <div className="confirm">
          {kind.text.length > 0 && (
            <div className="confirm-text">
              <RichText text={kind.text} />
            </div>
          )}
          <p className="statement" lang="sv" id={`${control}-statement`}>
            {kind.statement}
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
