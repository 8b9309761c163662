import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { StateMark } from "../parts/StateMark";
import type { Case } from "../store/call";
import { useWorkspace } from "../store/context";
import type { Form } from "../store/form";
import { useObservable } from "../store/observable";
import { moment } from "../words/time";

/** A draft that this computer cannot read: that nothing of it is deleted, and what to do. */
export function Unreadable({ shown, form }: { shown: Case; form: Form }) {
  const workspace = useWorkspace();
  const { at } = useObservable(form.saved);
  return (
    <article className="sheet unreadable">
      <header className="case-title">
        <h1 tabIndex={-1} lang="sv">
          {shown.service.name}
        </h1>
        <StateMark status={shown.status} />
      </header>
      <div className="problem" role="alert">
        <div>
          <h2>{m.unreadable_title()}</h2>
          <p>{m.unreadable_text()}</p>
          <ol className="numbered">
            <li>{m.unreadable_start_over()}</li>
            <li>{m.unreadable_support({ time: moment(at) })}</li>
          </ol>
        </div>
      </div>
      <Button look="main" onClick={() => void workspace.chooseService(shown.service.id)}>
        {m.unreadable_do()}
      </Button>
    </article>
  );
}
