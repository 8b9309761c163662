import { goToStep, readBack } from "../commands/moves";
import { command } from "../commands/table";
import type { StepView } from "../ipc";
import { m } from "../messages/messages.js";
import { Icon } from "../parts/Icon";
import { StateMark } from "../parts/StateMark";
import type { Case } from "../store/call";
import { useWorkspace } from "../store/context";
import type { Form } from "../store/form";
import { useObservable } from "../store/observable";

/** The case's name and state, and its steps with the read-back as the last. */
export function CaseHead({ shown, form, reading }: { shown: Case; form: Form; reading: boolean }) {
  const workspace = useWorkspace();
  const { steps, position } = useObservable(form.outline);
  const { confirmed } = useObservable(form.saved);
  const askView = useObservable(workspace.askView);
  return (
    <header className="case-head">
      <div className="case-title">
        <h1 tabIndex={-1} lang="sv">
          {shown.service.name}
        </h1>
        <StateMark status={shown.status} />
        <button
          type="button"
          className="step step-last"
          aria-current={reading ? "step" : undefined}
          onClick={() => void readBack(workspace)}
        >
          <Icon name="speech" />
          <span>{m.form_to_read_back()}</span>
          {confirmed && (
            <span className="step-mark step-done">
              <Icon name="tick" />
              <span className="visually-hidden">{m.read_back_confirmed()}</span>
            </span>
          )}
        </button>
      </div>
      <nav aria-label={m.form_steps()} className="steps-line">
        <ol className="steps">
          {steps.map((step, index) => (
            <li key={step.id}>
              <button
                type="button"
                className="step"
                aria-current={!reading && step.id === position ? "step" : undefined}
                onClick={() => goToStep(workspace, index)}
              >
                <span className="step-number">{index + 1}</span>
                <span lang="sv">{step.title}</span>
                <StepMark step={step} />
              </button>
            </li>
          ))}
        </ol>
        <div className="case-tools">
          <Tool id="history" />
          <Tool id="discard" />
          {!reading && (
            <label className="ask-switch">
              <input
                type="checkbox"
                name="ask_view"
                checked={askView}
                onChange={(event) => workspace.askView.set(event.target.checked)}
              />
              <span>{m.form_ask_view_short()}</span>
            </label>
          )}
        </div>
      </nav>
    </header>
  );
}

/** A command on the case, by the words that it has everywhere. */
function Tool({ id }: { id: string }) {
  const workspace = useWorkspace();
  const tool = command(id);
  return (
    tool && (
      <button type="button" className="link-button case-tool" onClick={() => tool.run(workspace)}>
        {tool.words()}
      </button>
    )
  );
}

function StepMark({ step }: { step: StepView }) {
  if (step.faults > 0) return <span className="step-mark step-faults">{m.form_step_faults({ count: step.faults })}</span>;
  if (step.later > 0) return <span className="step-mark">{m.form_step_later({ count: step.later })}</span>;
  if (step.remaining > 0) return <span className="step-mark">{m.form_step_left({ count: step.remaining })}</span>;
  if (!step.visited) return null;
  return (
    <span className="step-mark step-done">
      <Icon name="tick" />
      <span className="visually-hidden">{m.form_step_done()}</span>
    </span>
  );
}
