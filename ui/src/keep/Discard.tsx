import { discard } from "../commands/keep";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { Dialog } from "../parts/Dialog";
import type { Case } from "../store/call";
import { useWorkspace } from "../store/context";
import { dayOfYear } from "../words/time";

/** The first step of deleting: what it means, in plain words. */
export function Discard({ shown }: { shown: Case }) {
  const workspace = useWorkspace();
  const close = (): void => workspace.dialog.set(null);
  return (
    <Dialog title={m.discard_title()} close={close} className="question">
      <p>{m.discard_not_sent({ service: shown.service.name })}</p>
      {shown.keeping && <p>{m.discard_until({ date: dayOfYear(shown.keeping.through) })}</p>}
      <p>{m.discard_note_kept()}</p>
      <div className="button-row">
        <Button data-first onClick={close}>
          {m.discard_keep()}
        </Button>
        <Button icon="bin" onClick={() => void discard(workspace, shown.draft)}>
          {m.command_discard()}
        </Button>
      </div>
    </Dialog>
  );
}
