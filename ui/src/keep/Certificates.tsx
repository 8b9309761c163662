import { useEffect, useState } from "react";

import { ipcError, type Certificate } from "../ipc";
import { m } from "../messages/messages.js";
import { Dialog } from "../parts/Dialog";
import { useWorkspace } from "../store/context";
import { moment } from "../words/time";

/** Proof of what was taken off this computer, without what it was. */
export function Certificates() {
  const workspace = useWorkspace();
  const [found, setFound] = useState<Certificate[] | null>(null);
  useEffect(() => {
    workspace.backend.commands
      .certificates()
      .then(setFound, (thrown: unknown) => workspace.problem.set(ipcError(thrown).code));
  }, [workspace]);
  return (
    <Dialog title={m.certificates_title()} close={() => workspace.dialog.set(null)} className="certificates">
      <p className="hint">{m.certificates_intro()}</p>
      {found?.length === 0 && <p>{m.certificates_empty()}</p>}
      {found && found.length > 0 && (
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col">{m.certificates_at()}</th>
              <th scope="col">{m.certificates_reason()}</th>
              <th scope="col">{m.certificates_policy()}</th>
              <th scope="col">{m.certificates_id()}</th>
            </tr>
          </thead>
          <tbody>
            {found.map(({ id, reason, policy, at }) => (
              <tr key={id}>
                <td className="numbers">{moment(at)}</td>
                <td>{m.certificate_reason({ reason })}</td>
                <td>{policyWords(policy)}</td>
                <td className="numbers certificate-id">{id}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Dialog>
  );
}

/** A rule and its days, such as `ordinary 14`. */
function policyWords(policy: string): string {
  const [rule = "", days = ""] = policy.split(" ");
  return m.certificate_policy({ rule, days });
}
