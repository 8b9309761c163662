import { useCallback, useEffect, useState } from "react";

import { CaseHead } from "../form/CaseHead";
import { ipcError, type ReadBack } from "../ipc";
import { KeepingNotice } from "../keep/Keeping";
import { m } from "../messages/messages.js";
import { getLocale } from "../messages/runtime.js";
import type { Case } from "../store/call";
import { useWorkspace } from "../store/context";
import type { Form } from "../store/form";
import { Missing } from "./Missing";
import { Section } from "./Section";
import { SendBar } from "./SendBar";

/** What is read aloud, ticked section by section, confirmed by the caller and sent. */
export function ReadBackScreen({ shown, form }: { shown: Case; form: Form }) {
  const [script, setScript] = useScript(form);
  const [read, setRead] = useState<ReadonlySet<string>>(new Set());
  const tick = useCallback((title: string, on: boolean) => {
    setRead((before) => {
      const after = new Set(before);
      if (on) after.add(title);
      else after.delete(title);
      return after;
    });
  }, []);
  return (
    <div className="sheet read-back">
      <CaseHead shown={shown} form={form} reading />
      <KeepingNotice shown={shown} reading />
      <h2 tabIndex={-1}>{m.read_back_title()}</h2>
      <p className="hint">{m.read_back_intro()}</p>
      {script && (
        <>
          {script.sections.map((section) => (
            <Section
              key={section.title}
              section={section}
              read={script.confirmed || read.has(section.title)}
              tick={(on) => tick(section.title, on)}
            />
          ))}
          <Missing script={script} />
          <SendBar
            form={form}
            script={script}
            allRead={script.sections.every(({ title }) => read.has(title))}
            confirmed={setScript}
          />
        </>
      )}
    </div>
  );
}

/** The script as the core writes it, after everything typed is saved. */
function useScript(form: Form): [ReadBack | null, (script: ReadBack) => void] {
  const workspace = useWorkspace();
  const [script, setScript] = useState<ReadBack | null>(null);
  useEffect(() => {
    let late = false;
    form.saver
      .between(() => workspace.backend.commands.read_back({ draft: form.draft, language: getLocale() }))
      .then(
        (answer) => {
          if (!late) setScript(answer);
        },
        (thrown: unknown) => workspace.problem.set(ipcError(thrown).code),
      );
    return () => {
      late = true;
    };
  }, [workspace, form]);
  return [script, setScript];
}
