import { useEffect, useId, useRef, useState } from "react";

import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { useWorkspace } from "../store/context";
import { problemWords } from "../words/codes";

/** Turning protection off needs a reason, which is logged. */
export function LowerProtection() {
  const workspace = useWorkspace();
  const id = useId();
  const [reason, setReason] = useState("");
  const [missing, setMissing] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const close = (): void => workspace.dialog.set(null);
  const lower = async (): Promise<void> => {
    if (reason.trim() === "") {
      setMissing(true);
      field.current?.focus();
      return;
    }
    if (await workspace.lowerProtection(reason.trim())) {
      close();
      workspace.announce(m.protected_off_done());
    }
  };
  return (
    <form
      className="lower-protection"
      aria-labelledby={`${id}-title`}
      onSubmit={(event) => {
        event.preventDefault();
        void lower();
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") close();
      }}
    >
      <h3 id={`${id}-title`}>{m.protected_off_title()}</h3>
      <p>{m.protected_off_text()}</p>
      <label htmlFor={`${id}-reason`}>{m.protected_off_reason()}</label>
      <input
        id={`${id}-reason`}
        ref={field}
        name="protection.reason"
        value={reason}
        autoComplete="off"
        spellCheck={false}
        aria-describedby={`${id}-hint`}
        aria-invalid={missing}
        onChange={(event) => {
          setReason(event.target.value);
          setMissing(false);
        }}
      />
      <p className={missing ? "fault" : "help"} id={`${id}-hint`}>
        {missing ? problemWords("reason_needed") : m.protected_off_reason_hint()}
      </p>
      <div className="button-row">
        <Button type="submit">{m.protected_turn_off()}</Button>
        <Button look="quiet" onClick={close}>
          {m.cancel()}
        </Button>
      </div>
    </form>
  );
}
