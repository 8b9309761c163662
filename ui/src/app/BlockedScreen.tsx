import type { SessionView } from "../ipc";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { useWorkspace } from "../store/context";
import { problemWords } from "../words/codes";
import { FullScreen } from "./FullScreen";

/** Signed in, and the drafts cannot be opened: why, and what to do. Nothing is removed or made anew here. */
export function BlockedScreen({ session }: { session: SessionView }) {
  const workspace = useWorkspace();
  const code = session.problem ?? "unknown";
  return (
    <FullScreen title={m.blocked_title()} session={session}>
      <p className="problem" role="alert">
        {problemWords(code)}
      </p>
      <p>{m.blocked_kept()}</p>
      <div className="button-row">
        <Button look="main" data-testid="sign-in" onClick={() => void workspace.signIn()}>
          {m.try_again()}
        </Button>
        <Button onClick={() => void workspace.signOut()}>{m.blocked_sign_out()}</Button>
      </div>
      <p className="hint">{m.blocked_code({ code })}</p>
    </FullScreen>
  );
}
