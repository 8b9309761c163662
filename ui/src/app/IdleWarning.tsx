import { m } from "../messages/messages.js";
import { Icon } from "../parts/Icon";
import { useWorkspace } from "../store/context";
import { useObservable } from "../store/observable";

/** Half a minute before the lock; any key or the pointer takes it away. */
export function IdleWarning() {
  const shown = useObservable(useWorkspace().idleWarning);
  return (
    <div className="idle-warning" role="alert">
      {shown && (
        <p>
          <Icon name="lock" />
          {m.idle_warning()}
        </p>
      )}
    </div>
  );
}
