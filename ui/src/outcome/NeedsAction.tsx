import type { CaseStatus } from "../ipc";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import type { Case } from "../store/call";
import { useLink, useWorkspace } from "../store/context";
import { useObservable } from "../store/observable";
import { refusalWords } from "../words/codes";
import { stateMeaning } from "../words/states";
import { Withdraw } from "./OnItsWay";

interface Props {
  shown: Case;
  status: Extract<CaseStatus, { state: "needs_action" }>;
}

/** Why the municipality did not take the case, and the way on. */
export function NeedsAction({ shown, status }: Props) {
  const workspace = useWorkspace();
  const link = useLink();
  const form = useObservable(workspace.call)?.form(shown.draft);
  const { reason } = status;
  return (
    <div className="needs-action">
      <p className="problem" role="alert">
        {refusalWords(reason.code)}
      </p>
      {reason.questions.length > 0 && (
        <>
          <h2>{m.needs_action_questions()}</h2>
          <ul className="bullets">
            {reason.questions.map((path) => (
              <li key={path}>{form?.field(path)?.value.question.label ?? path}</li>
            ))}
          </ul>
        </>
      )}
      <p>{stateMeaning(status, link)}</p>
      <p className="hint">{m.needs_action_code({ code: reason.code })}</p>
      {status.reopenable && (
        <Button look="main" onClick={() => void workspace.reopen(shown.draft)}>
          {m.needs_action_reopen()}
        </Button>
      )}
      {shown.on_its_way?.withdrawable && (
        <div className="button-row">
          <Button onClick={() => void workspace.retryNow()}>{m.command_retry()}</Button>
          <Withdraw draft={shown.draft} />
        </div>
      )}
    </div>
  );
}
