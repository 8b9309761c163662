import { useState } from "react";

import type { SessionView } from "../ipc";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { Dialog } from "../parts/Dialog";
import { useWorkspace } from "../store/context";
import { useObservable } from "../store/observable";
import { problemWords } from "../words/codes";
import { ChoosePin } from "./ChoosePin";

/** Choosing, changing and removing the PIN. */
export function PinDialog() {
  const workspace = useWorkspace();
  const { pin } = useObservable(workspace.session);
  const close = (): void => workspace.dialog.set(null);
  const mayChoose = pin.policy !== "off";
  return (
    <Dialog title={pin.set ? m.pin_change_title() : m.pin_choose_title()} close={close} className="pin-dialog">
      {mayChoose && <ChoosePin done={close} />}
      {pin.set && <Remove pin={pin} close={close} />}
    </Dialog>
  );
}

function Remove({ pin, close }: { pin: SessionView["pin"]; close: () => void }) {
  const workspace = useWorkspace();
  const [fault, setFault] = useState<string | null>(null);
  const remove = async (): Promise<void> => {
    const problem = await workspace.setPin(null);
    if (problem !== null) return setFault(problem);
    workspace.announce(m.pin_removed_done());
    close();
  };
  if (pin.policy === "required") return <p className="hint">{problemWords("pin_required")}</p>;
  return (
    <section className="pin-remove" aria-label={m.pin_remove()}>
      <p>{m.pin_remove_text()}</p>
      {fault !== null && (
        <p className="problem" role="alert">
          {problemWords(fault)}
        </p>
      )}
      <Button onClick={() => void remove()}>{m.pin_remove()}</Button>
    </section>
  );
}
