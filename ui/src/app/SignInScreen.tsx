import type { SessionView } from "../ipc";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { useWorkspace } from "../store/context";
import { FullScreen } from "./FullScreen";
import { ProblemLine } from "./ProblemLine";

export function SignInScreen({ session }: { session: SessionView }) {
  const workspace = useWorkspace();
  if (session.state === "signing_in")
    return (
      <FullScreen title={m.sign_in_waiting_title()} session={session}>
        <p role="status">{m.sign_in_waiting()}</p>
        <ProblemLine code={session.problem} />
        <Button onClick={() => void workspace.cancelSignIn()}>{m.sign_in_cancel()}</Button>
      </FullScreen>
    );
  return (
    <FullScreen title={m.sign_in_title()} session={session}>
      <p>{m.sign_in_intro()}</p>
      <ProblemLine code={session.problem} />
      <Button look="main" data-testid="sign-in" onClick={() => void workspace.signIn()}>
        {m.sign_in_button()}
      </Button>
      <p className="hint">{m.sign_in_logged()}</p>
    </FullScreen>
  );
}
