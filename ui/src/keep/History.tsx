import { useEffect, useState } from "react";

import { restore } from "../commands/keep";
import type { Difference, RevisionView, Text } from "../ipc";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { Dialog } from "../parts/Dialog";
import { focusSoon } from "../parts/focus";
import { useWorkspace } from "../store/context";
import { moment } from "../words/time";

/** Earlier states of a draft: what differs from now, and the way back. */
export function History({ draft }: { draft: string }) {
  const workspace = useWorkspace();
  const [revisions, setRevisions] = useState<RevisionView[] | null>(null);
  const [chosen, choose] = useState<RevisionView | null>(null);
  useEffect(() => {
    let late = false;
    void workspace.revisions(draft).then((found) => {
      if (late || !found) return;
      setRevisions(found);
      choose(found[0] ?? null);
      focusSoon(() => document.querySelector<HTMLElement>(".history-state"));
    });
    return () => {
      late = true;
    };
  }, [workspace, draft]);
  return (
    <Dialog title={m.history_title()} close={() => workspace.dialog.set(null)} className="history">
      {revisions?.length === 0 && <p>{m.history_empty()}</p>}
      {revisions && chosen && (
        <>
          <p className="hint">{m.history_intro()}</p>
          <div className="history-panes">
            <ul className="history-list" aria-label={m.history_list()}>
              {revisions.map((revision) => (
                <li key={revision.id}>
                  <button
                    type="button"
                    className="history-state"
                    name="history.state"
                    aria-pressed={revision.id === chosen.id}
                    onClick={() => choose(revision)}
                  >
                    <span className="strong">{moment(revision.at)}</span>
                    <span>{before(revision)}</span>
                    {revision.older_version && <span className="hint">{m.history_older_version()}</span>}
                  </button>
                </li>
              ))}
            </ul>
            <Comparison key={chosen.id} draft={draft} revision={chosen} />
          </div>
        </>
      )}
    </Dialog>
  );
}

function before({ question }: RevisionView): string {
  return question === null ? m.history_before_several() : m.history_before({ question });
}

function Comparison({ draft, revision }: { draft: string; revision: RevisionView }) {
  const workspace = useWorkspace();
  const [differences, setDifferences] = useState<Difference[] | null>(null);
  useEffect(() => {
    let late = false;
    void workspace.compare(draft, revision.id).then((found) => {
      if (!late) setDifferences(found);
    });
    return () => {
      late = true;
    };
  }, [workspace, draft, revision]);
  if (!differences) return null;
  return (
    <div className="history-compare">
      {differences.length === 0 ? (
        <p role="status">{m.history_same()}</p>
      ) : (
        <table className="plain-table">
          <caption className="visually-hidden">{moment(revision.at)}</caption>
          <thead>
            <tr>
              <th scope="col">{m.history_question()}</th>
              <th scope="col">{m.history_then()}</th>
              <th scope="col">{m.history_now()}</th>
            </tr>
          </thead>
          <tbody>
            {differences.map(({ label, then, now }, index) => (
              <tr key={index}>
                <th scope="row" lang="sv">
                  {label}
                </th>
                <td>
                  <Said text={then} />
                </td>
                <td>
                  <Said text={now} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Button look="main" onClick={() => void restore(workspace, draft, revision)}>
        {m.history_restore()}
      </Button>
      <p className="hint">{m.history_restore_hint()}</p>
    </div>
  );
}

/** An answer as it may be shown in a comparison. */
function Said({ text }: { text: Text }) {
  if (text.shown === "masked") return <span className="masked-word">{m.answer_masked()}</span>;
  return text.text === "" ? <span className="hint">{m.answer_none()}</span> : text.text;
}
