import { m } from "../messages/messages.js";
import type { Case } from "../store/call";

/** What a newer version of the e-service means for this draft. */
export function SetAside({ shown }: { shown: Case }) {
  return (
    <>
      {shown.newer_version && <p className="notice">{m.service_newer_version()}</p>}
      {shown.set_aside.length > 0 && (
        <details className="notice" open>
          <summary>{m.service_set_aside_title()}</summary>
          <p className="hint">{m.service_set_aside()}</p>
          <dl className="facts">
            {shown.set_aside.map(([question, answer]) => (
              <div key={question}>
                <dt>{question}</dt>
                <dd>{answer}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </>
  );
}
