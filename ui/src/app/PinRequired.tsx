import type { SessionView } from "../ipc";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { useWorkspace } from "../store/context";
import { ChoosePin } from "./ChoosePin";
import { FullScreen } from "./FullScreen";

/** Where the municipality demands a PIN and there is none yet. */
export function PinRequired({ session }: { session: SessionView }) {
  const workspace = useWorkspace();
  return (
    <FullScreen title={m.pin_required_title()} session={session}>
      <p>{m.pin_required_text()}</p>
      <ChoosePin done={() => undefined}>
        <Button look="quiet" onClick={() => void workspace.signOut()}>
          {m.blocked_sign_out()}
        </Button>
      </ChoosePin>
    </FullScreen>
  );
}
