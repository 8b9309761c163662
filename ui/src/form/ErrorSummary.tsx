import { goToQuestion } from "../commands/moves";
import { keysOf } from "../app/TopBar";
import { m } from "../messages/messages.js";
import { Keys } from "../parts/Keys";
import { useWorkspace } from "../store/context";
import type { Form } from "../store/form";
import { useObservable } from "../store/observable";
import { faultWords } from "../words/codes";

/** Everything that may be said to be wrong now, with a way to each. */
export function ErrorSummary({ form }: { form: Form }) {
  const workspace = useWorkspace();
  const { faults, steps, position } = useObservable(form.outline);
  if (faults.length === 0) return null;
  const title = (step: string): string | undefined => steps.find(({ id }) => id === step)?.title;
  return (
    <section className="error-summary" tabIndex={-1} aria-label={m.form_errors_title()}>
      <h2>
        {m.form_errors_count({ count: faults.length })} <Keys keys={keysOf("next_error") ?? ""} />
      </h2>
      <ul>
        {faults.map(({ path, label, step, fault }) => (
          <li key={path}>
            <a
              href={`#${path}`}
              onClick={(event) => {
                event.preventDefault();
                goToQuestion(workspace, path);
              }}
            >
              <span className="strong">{titled(label)}</span> {faultWords(fault)}
            </a>
            {step !== position && <span className="hint"> {m.form_in_step({ title: title(step) ?? "" })}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A label that is a question has its own mark. */
function titled(label: string): string {
  return /[?!.:]$/.test(label) ? label : `${label}:`;
}
