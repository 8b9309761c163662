import { newCall } from "../commands/moves";
import { keysOf } from "../app/TopBar";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { Icon } from "../parts/Icon";
import { stateIcon } from "../parts/StateMark";
import type { Call, Case } from "../store/call";
import { useLink, useWorkspace } from "../store/context";
import { useObservable } from "../store/observable";
import { stateMeaning, stateSay, stateWords } from "../words/states";
import { moment } from "../words/time";
import { NeedsAction } from "./NeedsAction";
import { OnItsWay } from "./OnItsWay";
import { Receipt } from "./Receipt";
import { Standing } from "./Standing";

/** What became of a case: on its way, uncertain, received or refused. Never more than the core knows. */
export function Outcome({ call, shown }: { call: Call; shown: Case }) {
  const { status } = shown;
  const head = useObservable(call.head);
  const link = useLink();
  return (
    <article className={`sheet outcome outcome-${status.state}`}>
      <p className="outcome-service">{shown.service.name}</p>
      <div role="status">
        <h1 tabIndex={-1}>
          <Icon name={stateIcon(status.state)} />
          <span data-testid="case-state">{stateWords(status)}</span>
        </h1>
        {status.state === "received" && <Receipt status={status} isProtected={head.protected} />}
        {status.state === "received" && status.standing && <Standing standing={status.standing} />}
        {(status.state === "queued" || status.state === "sending" || status.state === "unknown" || status.state === "withdrawing") && (
          <>
            <p className="meaning">{stateMeaning(status, link)}</p>
            <p className="hint">{m.outcome_noted({ time: moment(status.at) })}</p>
          </>
        )}
      </div>
      {status.state !== "needs_action" && <OnItsWay shown={shown} />}
      {status.state === "needs_action" && <NeedsAction shown={shown} status={status} />}
      <section className="say say-large" aria-label={m.say_title()}>
        <h2>
          <Icon name="speech" />
          {m.say_title()}
        </h2>
        <blockquote>{stateSay(status)}</blockquote>
        {status.state === "received" && status.to_supplement.length > 0 && <blockquote>{m.say_to_supplement()}</blockquote>}
      </section>
      <Next />
    </article>
  );
}

function Next() {
  const workspace = useWorkspace();
  return (
    <div className="button-row">
      <Button onClick={() => workspace.place.set({ at: "catalogue" })}>{m.call_add_case()}</Button>
      <Button icon="phone" keys={keysOf("new_call")} onClick={() => void newCall(workspace)}>
        {m.top_new_call()}
      </Button>
    </div>
  );
}
