import { useState } from "react";

import { goToStep } from "../commands/moves";
import { ipcError, type ReadBack } from "../ipc";
import { m } from "../messages/messages.js";
import { getLocale } from "../messages/runtime.js";
import { Button } from "../parts/Button";
import { focusSoon } from "../parts/focus";
import { useLink, useWorkspace } from "../store/context";
import type { Form } from "../store/form";
import { sendWords } from "../words/link";

interface Props {
  form: Form;
  script: ReadBack;
  allRead: boolean;
  confirmed: (script: ReadBack) => void;
}

/** The caller's confirmation, then sending, in words that say what it will really do. */
export function SendBar({ form, script, allRead, confirmed }: Props) {
  const workspace = useWorkspace();
  const link = useLink();
  const [sending, setSending] = useState(false);
  const incomplete = script.missing.length > 0 && script.oral_filing !== "accepted";
  const blocked = !script.sendable ? m.read_back_not_sendable() : incomplete ? m.read_back_missing_required() : null;
  const confirm = async (): Promise<void> => {
    try {
      const script = await form.saver.between(() =>
        workspace.backend.commands.confirm_read_back({ draft: form.draft, language: getLocale() }),
      );
      form.saved.set({ ...form.saved.value, confirmed: script.confirmed });
      confirmed(script);
      focusSoon(() => document.querySelector<HTMLElement>(".send"));
    } catch (thrown) {
      workspace.problem.set(ipcError(thrown).code);
    }
  };
  const send = async (): Promise<void> => {
    setSending(true);
    await workspace.submit(form.draft);
    setSending(false);
    focusSoon(() => document.querySelector<HTMLElement>(".outcome h1"));
  };
  const why = blocked ?? (!script.confirmed && !allRead ? m.read_back_confirm_first() : null);
  return (
    <div className="send-bar">
      <p className="hint" id="send-why" role="status">
        {sending ? m.send_working() : (why ?? (script.confirmed ? m.read_back_confirmed() : ""))}
      </p>
      <div className="button-row">
        <Button look="quiet" onClick={() => goToStep(workspace, 0)}>
          {m.read_back_back()}
        </Button>
        {!script.confirmed && (
          <Button
            look={allRead ? "main" : "plain"}
            aria-describedby="send-why"
            aria-disabled={!allRead}
            onClick={() => allRead && void confirm()}
          >
            {m.read_back_confirm()}
          </Button>
        )}
        <Button
          look={script.confirmed ? "main" : "plain"}
          className="send"
          aria-describedby="send-why"
          aria-disabled={!script.confirmed || blocked !== null || sending}
          onClick={() => script.confirmed && blocked === null && !sending && void send()}
        >
          {sendWords(link)}
        </Button>
      </div>
    </div>
  );
}
