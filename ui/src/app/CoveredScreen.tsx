import type { SessionView } from "../ipc";
import { m } from "../messages/messages.js";
import { useWorkspace } from "../store/context";
import { useObservable } from "../store/observable";
import { problemWords } from "../words/codes";
import { FullScreen } from "./FullScreen";
import { Proof } from "./LockedScreen";

/** Locked as far as can be: what is typed is not saved yet. Nothing of the desk is drawn behind this. */
export function CoveredScreen({ session }: { session: SessionView }) {
  const unsaved = useObservable(useWorkspace().unsaved);
  if (unsaved === null)
    return (
      <FullScreen title={m.locked_title()} session={session}>
        <p role="status">{m.covered_saving()}</p>
      </FullScreen>
    );
  return (
    <FullScreen title={m.covered_title()} session={session}>
      {session.worker && <p>{m.locked_worker({ name: session.worker.name })}</p>}
      <p className="problem" role="alert">
        {problemWords(unsaved)}
      </p>
      <p>{m.covered_text()}</p>
      <Proof session={session} />
    </FullScreen>
  );
}
