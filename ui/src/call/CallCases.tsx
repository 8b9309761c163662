import { command } from "../commands/table";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { Icon } from "../parts/Icon";
import { stateIcon } from "../parts/StateMark";
import type { Call } from "../store/call";
import { useWorkspace } from "../store/context";
import { useObservable } from "../store/observable";
import { stateWords } from "../words/states";

/** The cases that the call has led to, and another one. */
export function CallCases({ call }: { call: Call }) {
  const workspace = useWorkspace();
  const cases = useObservable(call.cases);
  if (cases.length === 0) return null;
  return (
    <section className="call-section">
      <h3>{m.call_cases()}</h3>
      <ul className="call-cases">
        {cases.map(({ draft, service, status, discarded }) => (
          <li key={draft}>
            <button
              type="button"
              className="link-button"
              onClick={() => workspace.place.set({ at: "case", draft, reading: false })}
            >
              {service.name}
            </button>
            <span className={`queue-state state-${status.state}`}>
              <Icon name={discarded ? "bin" : stateIcon(status.state)} />
              {discarded ? m.discarded_title() : stateWords(status)}
            </span>
          </li>
        ))}
      </ul>
      <Button icon="plus" onClick={() => command("choose_service")?.run(workspace)}>
        {m.call_add_case()}
      </Button>
    </section>
  );
}
