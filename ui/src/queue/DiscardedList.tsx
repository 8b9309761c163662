import { takeBack } from "../commands/keep";
import type { QueueRow } from "../ipc";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { useWorkspace } from "../store/context";
import { Row } from "./Row";

/** Drafts that were thrown away, each with its way back and the last step. */
export function DiscardedList({ rows }: { rows: QueueRow[] }) {
  if (rows.length === 0) return null;
  return (
    <details className="discarded-list">
      <summary>{m.discarded_list({ count: rows.length })}</summary>
      <ul>
        {rows.map((row) => (
          <li key={row.draft}>
            <Row row={row} discarded />
            <Ways row={row} />
          </li>
        ))}
      </ul>
    </details>
  );
}

function Ways({ row: { draft, service, code } }: { row: QueueRow }) {
  const workspace = useWorkspace();
  if (draft === null || service === null) return null;
  return (
    <div className="discarded-ways">
      <Button look="quiet" aria-label={m.take_back_named({ service, code })} onClick={() => void takeBack(workspace, draft)}>
        {m.take_back()}
      </Button>
      <Button
        look="quiet"
        aria-label={m.erase_named({ service, code })}
        onClick={() => workspace.dialog.set({ about: "erase", draft, service, code })}
      >
        {m.erase()}
      </Button>
    </div>
  );
}
