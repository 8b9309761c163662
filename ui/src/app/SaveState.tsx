import { m } from "../messages/messages.js";
import { Icon } from "../parts/Icon";
import type { Call } from "../store/call";
import { useWorkspace } from "../store/context";
import type { Form } from "../store/form";
import { useObservable } from "../store/observable";
import { shortTime } from "../words/time";

/** Whether what is on screen is durable. A failure is said aloud in the middle pane; Ctrl+S says the rest. */
export function SaveState({ call }: { call: Call }) {
  const { state } = useObservable(call.saving);
  const place = useObservable(useWorkspace().place);
  const form = place.at === "case" ? call.form(place.draft) : undefined;
  return (
    <p className={`save save-${state}`}>
      {state === "saved" && <Icon name="tick" />}
      {state === "failed" && <Icon name="triangle" />}
      <span data-testid="save-state">{WORDS[state]()}</span>
      {state === "saved" && form && <SavedAt form={form} />}
    </p>
  );
}

function SavedAt({ form }: { form: Form }) {
  return <span>{shortTime(useObservable(form.saved).at)}</span>;
}

const WORDS = {
  saved: () => m.save_saved(),
  saving: () => m.save_saving(),
  failed: () => m.save_not_yet(),
};
