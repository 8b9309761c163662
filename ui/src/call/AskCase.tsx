import { useId, useRef, useState } from "react";

import { ipcError, type CaseAnswer, type CaseNumberFault, type StandingView } from "../ipc";
import { m } from "../messages/messages.js";
import { Message } from "../outcome/Standing";
import { Button } from "../parts/Button";
import { Dialog } from "../parts/Dialog";
import { Icon } from "../parts/Icon";
import type { Call } from "../store/call";
import { useWorkspace } from "../store/context";
import { useObservable } from "../store/observable";
import { problemWords } from "../words/codes";
import { linkWords } from "../words/link";
import { stageSay, stageWords } from "../words/states";
import { day, hour, moment } from "../words/time";

const FAULTS: { [fault in CaseNumberFault]: () => string } = {
  form: m.ask_case_form,
  look_alike: m.ask_case_look_alike,
  check: m.ask_case_check,
};

/** "How is my case going?": the number that the caller says, and what may be said back. */
export function AskCase({ call }: { call: Call | null }) {
  const workspace = useWorkspace();
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [number, setNumber] = useState("");
  const [asking, setAsking] = useState(false);
  const [answer, setAnswer] = useState<CaseAnswer | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const fault = answer?.answer === "not_a_number" ? FAULTS[answer.fault]() : null;
  const ask = async (): Promise<void> => {
    if (asking) return;
    setAsking(true);
    setAnswer(null);
    setProblem(null);
    try {
      const told = await workspace.backend.commands.ask_case({ call: call?.id ?? null, number });
      setAnswer(told);
      if (told.answer === "not_a_number") field.current?.select();
    } catch (thrown) {
      setProblem(ipcError(thrown).code);
    }
    setAsking(false);
  };
  return (
    <Dialog title={m.ask_case_title()} close={() => workspace.dialog.set(null)} className="question ask-case">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void ask();
        }}
      >
        <label htmlFor={id}>{m.ask_case_number()}</label>
        <input
          id={id}
          ref={field}
          data-first
          name="case.number"
          value={number}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          aria-describedby={`${id}-hint`}
          aria-invalid={fault !== null}
          onChange={(event) => setNumber(event.target.value)}
        />
        <p className={fault === null ? "help" : "fault"} id={`${id}-hint`}>
          {fault ?? `${m.ask_case_hint()} ${m.ask_case_audit()}`}
        </p>
        <div className="button-row">
          <Button type="submit" look="main" aria-disabled={asking}>
            {m.ask_case_ask()}
          </Button>
        </div>
      </form>
      <div role="status" className="ask-case-answer">
        {asking && <p>{m.ask_case_asking()}</p>}
        {fault !== null && <p className="visually-hidden">{fault}</p>}
        {problem !== null && <p className="problem">{problemWords(problem)}</p>}
        {answer?.answer === "found" && <Found found={answer.case} />}
        {answer?.answer === "not_found" && (
          <>
            <p>{m.ask_case_not_found()}</p>
            <Say words={m.ask_case_not_found_say()} />
          </>
        )}
        {answer?.answer === "no_contact" && <NoContact known={answer.known} />}
      </div>
    </Dialog>
  );
}

function Found({ found }: { found: StandingView }) {
  return (
    <>
      {found.secrecy_marking && (
        <p className="notice notice-protected">
          <Icon name="shield" />
          {m.ask_case_secrecy()}
        </p>
      )}
      <p className="case-number">{found.case_number}</p>
      {found.service !== null && <p>{found.service}</p>}
      <p className="strong" data-testid="stage">
        {stageWords(found.stage)}
      </p>
      <p className="hint">
        {m.ask_case_received({ date: day(found.received_at), time: hour(found.received_at) })}{" "}
        {m.standing_since({ time: moment(found.at) })}
      </p>
      <Say words={stageSay(found.stage, found.case_number)} />
      {found.message !== null && <Message text={found.message} />}
    </>
  );
}

/** What this computer was last told is no word of how it stands now. */
function NoContact({ known }: { known: StandingView | null }) {
  const link = useObservable(useWorkspace().desk)?.link;
  return (
    <>
      <p>{m.ask_case_no_contact()}</p>
      {link && link.state !== "connected" && <p className="hint">{linkWords(link)}</p>}
      {known && <p>{m.ask_case_known({ time: moment(known.at), stage: stageWords(known.stage) })}</p>}
      <Say words={m.ask_case_no_contact_say()} />
    </>
  );
}

function Say({ words }: { words: string }) {
  return (
    <section className="say" aria-label={m.say_title()}>
      <h3>
        <Icon name="speech" />
        {m.say_title()}
      </h3>
      <blockquote data-testid="say">{words}</blockquote>
    </section>
  );
}
