import { m } from "../messages/messages.js";
import { Icon } from "../parts/Icon";
import type { Call } from "../store/call";
import { useObservable } from "../store/observable";

/** Whether what is on screen is durable. A failure is said aloud in the middle pane; Ctrl+S says the rest. */
export function SaveState({ call }: { call: Call }) {
  const { state } = useObservable(call.saving);
  return (
    <p className={`save save-${state}`}>
      {state === "saved" && <Icon name="tick" />}
      {state === "failed" && <Icon name="triangle" />}
      <span data-testid="save-state">{WORDS[state]()}</span>
    </p>
  );
}

const WORDS = {
  saved: () => m.save_saved(),
  saving: () => m.save_saving(),
  failed: () => m.save_not_yet(),
};
