import { m } from "../messages/messages.js";
import { Masked } from "../parts/Masked";
import type { Case } from "../store/call";
import { useProtected, useWorkspace } from "../store/context";
import { NewerVersion } from "./NewerVersion";

/** What a newer version of the e-service means for this draft. */
export function SetAside({ shown }: { shown: Case }) {
  return (
    <>
      {shown.newer_version && <NewerVersion draft={shown.draft} />}
      {shown.set_aside.length > 0 && (
        <details className="notice" open>
          <summary>{m.service_set_aside_title()}</summary>
          <p className="hint">{m.service_set_aside()}</p>
          <dl className="facts">
            {shown.set_aside.map(([question, answer]) => (
              <div key={question}>
                <dt>{question}</dt>
                <dd>
                  <Answer draft={shown.draft} question={question} answer={answer} />
                </dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </>
  );
}

/** It may be anything, an address too: covered while the call is protected, and revealed by its label. */
function Answer({ draft, question, answer }: { draft: string; question: string; answer: string }) {
  const workspace = useWorkspace();
  if (!useProtected()) return answer;
  return (
    <Masked
      label={question}
      length={answer.length}
      reveal={() => workspace.reveal({ what: "answer", draft, question })}
    />
  );
}
