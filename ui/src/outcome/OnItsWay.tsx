import { withdraw } from "../commands/keep";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import type { Case } from "../store/call";
import { useWorkspace } from "../store/context";
import { useObservable } from "../store/observable";
import { filesSent } from "../words/size";

/** How far a case has come that is on its way, and the way back. */
export function OnItsWay({ shown: { draft, on_its_way } }: { shown: Case }) {
  const desk = useObservable(useWorkspace().desk);
  // The queue is told of every step, the call only of another state.
  const way = desk?.queue.find((row) => row.draft === draft)?.on_its_way ?? on_its_way;
  if (way === null) return null;
  return (
    <>
      {way.total > 0 && (
        <p className="files-sent">
          <progress aria-label={m.files_on_their_way()} value={way.sent} max={way.total} />
          <span>{filesSent(way)}</span>
        </p>
      )}
      {way.late && <p className="problem">{m.outcome_late()}</p>}
      {way.withdrawable && (
        <div className="button-row">
          <Withdraw draft={draft} />
          <span className="hint">{m.withdraw_hint()}</span>
        </div>
      )}
    </>
  );
}

export function Withdraw({ draft }: { draft: string }) {
  const workspace = useWorkspace();
  return (
    <Button icon="back" name="withdraw" onClick={() => void withdraw(workspace, draft)}>
      {m.command_withdraw()}
    </Button>
  );
}
