import { useWorkspace } from "../store/context";
import { useObservable } from "../store/observable";

/** Says what was done, politely, without moving focus. */
export function Announcer() {
  const { text, turn } = useObservable(useWorkspace().announcement);
  return (
    <p className="visually-hidden" role="status" aria-live="polite">
      {/* The same words twice must be two changes. */}
      <span key={turn}>{text}</span>
    </p>
  );
}
