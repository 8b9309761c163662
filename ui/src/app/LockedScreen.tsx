import type { SessionView } from "../ipc";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { useWorkspace } from "../store/context";
import { FullScreen } from "./FullScreen";
import { PinForm } from "./PinForm";
import { ProblemLine } from "./ProblemLine";

const REASONS = {
  worker: () => m.locked_text(),
  idle: () => m.locked_idle(),
  system: () => m.locked_system(),
};

export function LockedScreen({ session }: { session: SessionView }) {
  const workspace = useWorkspace();
  return (
    <FullScreen title={m.locked_title()} session={session}>
      {session.worker && <p>{m.locked_worker({ name: session.worker.name })}</p>}
      <p>{REASONS[session.lock_reason ?? "worker"]()}</p>
      <Proof session={session} />
      <Button onClick={() => void workspace.signOut()}>{m.blocked_sign_out()}</Button>
    </FullScreen>
  );
}

/** What opens it: the PIN, or a sign-in, or one after the other. */
export function Proof({ session }: { session: SessionView }) {
  const workspace = useWorkspace();
  const { set, sign_in_first } = session.pin;
  if (session.state === "signing_in")
    return (
      <>
        <p role="status">{m.sign_in_waiting()}</p>
        <ProblemLine code={session.problem} />
        <Button onClick={() => void workspace.cancelSignIn()}>{m.sign_in_cancel()}</Button>
      </>
    );
  if (set && !sign_in_first) return <PinForm session={session} />;
  return (
    <>
      <p>{set ? m.locked_sign_in_then_pin() : m.locked_sign_in()}</p>
      <ProblemLine code={session.problem} />
      <Button look="main" data-testid="sign-in" onClick={() => void workspace.signIn()}>
        {set ? m.sign_in_button() : m.locked_button()}
      </Button>
    </>
  );
}
