import { useState } from "react";

import type { VersionChange } from "../ipc";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { useWorkspace } from "../store/context";

/** A newer version of the e-service: what it would change, and the worker's choice to take it or stay. */
export function NewerVersion({ draft }: { draft: string }) {
  const workspace = useWorkspace();
  const [change, setChange] = useState<VersionChange | null>(null);
  const take = async (): Promise<void> => {
    if (await workspace.takeNewerVersion(draft)) workspace.announce(m.newer_version_taken());
  };
  return (
    <section className="notice newer-version" aria-label={m.newer_version_title()}>
      <p>{m.service_newer_version()}</p>
      {change === null ? (
        <Button onClick={() => void workspace.versionChange(draft).then(setChange)}>
          {m.newer_version_look()}
        </Button>
      ) : (
        <>
          <p>{m.newer_version_kept({ count: change.kept })}</p>
          <Labels title={m.newer_version_moved()} labels={change.moved} />
          <Labels title={m.newer_version_no_longer_asked()} labels={change.no_longer_asked} />
          <Labels title={m.newer_version_newly_required()} labels={change.newly_required} />
          <p className="hint">{m.newer_version_read_back_again()}</p>
          <div className="button-row">
            <Button onClick={() => void take()}>{m.newer_version_take()}</Button>
            <Button look="quiet" onClick={() => setChange(null)}>
              {m.newer_version_stay()}
            </Button>
          </div>
        </>
      )}
    </section>
  );
}

function Labels({ title, labels }: { title: string; labels: string[] }) {
  if (labels.length === 0) return null;
  return (
    <>
      <p className="strong">{title}</p>
      <ul className="bullets" lang="sv">
        {labels.map((label, index) => (
          <li key={`${index}-${label}`}>{label}</li>
        ))}
      </ul>
    </>
  );
}
