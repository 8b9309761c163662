import { useEffect, useId, useRef, useState } from "react";

import type { SessionView } from "../ipc";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { useSecond, useWorkspace } from "../store/context";
import { useObservable } from "../store/observable";
import { problemWords } from "../words/codes";
import { duration } from "../words/time";

/** Opens a lock, or takes a cover off, with the PIN. */
export function PinForm({ session }: { session: SessionView }) {
  const workspace = useWorkspace();
  const problem = useObservable(workspace.problem) ?? session.problem;
  const id = useId();
  const [pin, setPin] = useState("");
  const [trying, setTrying] = useState(false);
  const [forgotten, setForgotten] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const left = useCountdown(session);
  const waits = left !== null;
  useEffect(() => {
    if (!waits) field.current?.focus();
  }, [waits]);
  const unlock = async (): Promise<void> => {
    if (pin === "" || waits || trying) return;
    setTrying(true);
    setPin("");
    await workspace.unlock(pin);
    setTrying(false);
    field.current?.focus();
  };
  return (
    <form
      className="pin-form"
      onSubmit={(event) => {
        event.preventDefault();
        void unlock();
      }}
    >
      <label htmlFor={`${id}-pin`}>{m.pin_label()}</label>
      <input
        id={`${id}-pin`}
        ref={field}
        name="pin"
        type="password"
        value={pin}
        autoComplete="off"
        spellCheck={false}
        readOnly={waits}
        aria-invalid={problem !== null}
        aria-describedby={`${id}-said`}
        onChange={(event) => setPin(event.target.value)}
      />
      <div id={`${id}-said`} className="pin-said">
        {problem !== null && (
          <p className="problem" role="alert">
            {problemWords(problem)}
          </p>
        )}
        {waits && <p className="pin-wait">{m.pin_wait({ time: left })}</p>}
      </div>
      <p className="visually-hidden" role="status">
        {trying ? m.pin_trying() : ""}
      </p>
      <div className="button-row">
        <Button look="main" type="submit" data-testid="unlock" aria-disabled={waits || trying}>
          {m.locked_button()}
        </Button>
        <Button look="quiet" aria-expanded={forgotten} onClick={() => setForgotten(!forgotten)}>
          {m.pin_forgotten()}
        </Button>
      </div>
      {forgotten && <p>{m.pin_forgotten_text()}</p>}
    </form>
  );
}

/** What is left to wait as it is shown, such as 00:24. The core decides; this only tells. */
function useCountdown(session: SessionView): string | null {
  const [until, setUntil] = useState<number | null>(null);
  useEffect(() => setUntil(session.wait_s === null ? null : Date.now() + session.wait_s * 1_000), [session]);
  const now = useSecond(until !== null);
  if (until === null || now.getTime() >= until) return null;
  return duration(now.toISOString(), new Date(until));
}
