import { useId, useRef, useState } from "react";

import { extend } from "../commands/keep";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { Dialog } from "../parts/Dialog";
import type { Case } from "../store/call";
import { useWorkspace } from "../store/context";
import { problemWords } from "../words/codes";

/** More time for a draft, for a reason that is logged. */
export function Extend({ shown }: { shown: Case }) {
  const workspace = useWorkspace();
  const id = useId();
  const [reason, setReason] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const close = (): void => workspace.dialog.set(null);
  const prolong = async (): Promise<void> => {
    const code = reason.trim() === "" ? "reason_needed" : await extend(workspace, shown.draft, reason.trim());
    setWrong(code);
    if (code !== null) field.current?.focus();
  };
  return (
    <Dialog title={m.extend_title()} close={close} className="question">
      <p>{m.extend_text()}</p>
      <p>{m.extend_left({ count: shown.extensions_left })}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void prolong();
        }}
      >
        <label htmlFor={id}>{m.protected_off_reason()}</label>
        <input
          id={id}
          ref={field}
          data-first
          name="extend.reason"
          value={reason}
          autoComplete="off"
          spellCheck={false}
          aria-describedby={`${id}-hint`}
          aria-invalid={wrong !== null}
          onChange={(event) => {
            setReason(event.target.value);
            setWrong(null);
          }}
        />
        <p className={wrong === null ? "help" : "fault"} id={`${id}-hint`}>
          {wrong === null ? m.protected_off_reason_hint() : problemWords(wrong)}
        </p>
        <div className="button-row">
          <Button type="submit" look="main">
            {m.extend_do()}
          </Button>
          <Button look="quiet" onClick={close}>
            {m.cancel()}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
