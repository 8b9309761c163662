import type { SessionView } from "../ipc";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { useWorkspace } from "../store/context";
import { FullScreen } from "./FullScreen";
import { ProblemLine } from "./ProblemLine";

export function LockedScreen({ session }: { session: SessionView }) {
  const workspace = useWorkspace();
  return (
    <FullScreen title={m.locked_title()} session={session}>
      {session.worker && <p>{m.locked_worker({ name: session.worker.name })}</p>}
      <p>{m.locked_text()}</p>
      <ProblemLine code={session.problem} />
      <div className="button-row">
        <Button look="main" data-testid="sign-in" onClick={() => void workspace.signIn()}>
          {m.locked_button()}
        </Button>
        <Button onClick={() => void workspace.signOut()}>{m.blocked_sign_out()}</Button>
      </div>
    </FullScreen>
  );
}
