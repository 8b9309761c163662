import type { CaseStatus } from "../ipc";
import { m } from "../messages/messages.js";
import { Spelling } from "../parts/Spelling";
import { day, hour } from "../words/time";

interface Props {
  status: Extract<CaseStatus, { state: "received" }>;
  isProtected: boolean;
}

/** The municipality's word that it has the case: its number and its time. */
export function Receipt({ status, isProtected }: Props) {
  return (
    <div className="receipt">
      <p className="label">{m.receipt_case_number()}</p>
      <p className="case-number" data-testid="case-number">
        {status.case_number}
      </p>
      <Spelling text={status.case_number} />
      <p className="receipt-time">
        {m.receipt_at({ date: day(status.at), time: hour(status.at) })} <span className="hint">{m.receipt_server_time()}</span>
      </p>
      {status.to_supplement.length > 0 && (
        <section className="missing" aria-label={m.receipt_to_supplement()}>
          <h2>{m.receipt_to_supplement()}</h2>
          <ul className="bullets">
            {status.to_supplement.map((label) => (
              <li key={label}>{label}</li>
            ))}
          </ul>
        </section>
      )}
      {isProtected && <p className="notice notice-protected">{m.receipt_protected()}</p>}
    </div>
  );
}
