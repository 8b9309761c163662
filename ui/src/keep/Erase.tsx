import { erase } from "../commands/keep";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { Dialog } from "../parts/Dialog";
import { useWorkspace } from "../store/context";

/** The second step of deleting; there is no way back from it, so the way out comes first. */
export function Erase({ draft, service, code }: { draft: string; service: string; code: string }) {
  const workspace = useWorkspace();
  const close = (): void => workspace.dialog.set(null);
  return (
    <Dialog title={m.erase_title()} close={close} className="question">
      <p>{m.erase_text({ service, code })}</p>
      <p>{m.discard_note_kept()}</p>
      <div className="button-row">
        <Button data-first onClick={close}>
          {m.cancel()}
        </Button>
        <Button look="danger" icon="bin" onClick={() => void erase(workspace, draft)}>
          {m.erase()}
        </Button>
      </div>
    </Dialog>
  );
}
