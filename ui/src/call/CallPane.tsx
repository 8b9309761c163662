import { endCall } from "../commands/moves";
import { command } from "../commands/table";
import { keysOf } from "../app/TopBar";
import type { SessionView } from "../ipc";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import type { Call } from "../store/call";
import { useSecond, useWorkspace } from "../store/context";
import { useObservable } from "../store/observable";
import { duration, hour } from "../words/time";
import { initials } from "../queue/who";
import { CallCases } from "./CallCases";
import { CallSearch } from "./CallSearch";
import { CallerFields } from "./CallerFields";
import { CallText } from "./CallText";
import { CaseFacts } from "./CaseFacts";
import { LowerProtection } from "./LowerProtection";
import { ProtectedBanner } from "./ProtectedBanner";

/** The right pane: who calls, what is said, and what is left to ask. */
export function CallPane({ call, session }: { call: Call | null; session: SessionView }) {
  return (
    <aside className="call-pane" data-pane="call" tabIndex={-1} aria-label={m.pane_call()}>
      {call ? <Open key={call.id} call={call} session={session} /> : <None />}
    </aside>
  );
}

function None() {
  return (
    <div className="call-none">
      <p className="strong">{m.call_none()}</p>
      <p>{m.call_none_text({ key: keysOf("new_call") ?? "" })}</p>
    </div>
  );
}

function Open({ call, session }: { call: Call; session: SessionView }) {
  const head = useObservable(call.head);
  return (
    <>
      <CallHead call={call} />
      {head.protected && <ProtectedBanner call={call} session={session} />}
      <CallText call={call} field="note" label={m.call_note()} hint={m.call_note_hint()} rows={4} />
      <CallText call={call} field="asked_for" label={m.call_asked_for()} />
      <CallerFields call={call} />
      <Protection isProtected={head.protected} />
      {head.protected && <CallSearch call={call.id} />}
      <CaseFacts call={call} />
      <AskCaseButton />
      <CallCases call={call} />
    </>
  );
}

function AskCaseButton() {
  const workspace = useWorkspace();
  return (
    <Button look="quiet" keys={keysOf("ask_case")} onClick={() => workspace.dialog.set("ask_case")}>
      {m.ask_case_title()}
    </Button>
  );
}

function CallHead({ call }: { call: Call }) {
  const workspace = useWorkspace();
  const { code, colour, started_at, ended_at, name } = useObservable(call.head);
  const typed = useObservable(call.typed).caller_name;
  const known = typed ?? (name.shown === "plain" ? name.text : "");
  return (
    <header className="call-head">
      <h2>
        <span className={`call-chip call-colour-${colour % 8}`} data-open={ended_at === null}>
          {code}
        </span>
        {m.call_title({ code })}
        {name.shown === "plain" && initials(known) !== "" && <span className="initials">{initials(known)}</span>}
      </h2>
      <Timer from={started_at} to={ended_at} />
      {ended_at === null && (
        <Button look="quiet" onClick={() => void endCall(workspace)}>
          {m.call_end()}
        </Button>
      )}
      {ended_at !== null && <p className="hint">{m.call_ended({ time: hour(ended_at) })}</p>}
    </header>
  );
}

function Timer({ from, to }: { from: string; to: string | null }) {
  const now = useSecond(to === null);
  const shown = duration(from, to === null ? now : new Date(to));
  return (
    <p className="timer" role="timer" aria-label={m.call_duration({ duration: shown })}>
      {shown}
    </p>
  );
}

function Protection({ isProtected }: { isProtected: boolean }) {
  const workspace = useWorkspace();
  const lowering = useObservable(workspace.dialog) === "lower_protection";
  if (isProtected && lowering) return <LowerProtection />;
  return (
    <Button
      className="protect"
      look={isProtected ? "plain" : "protected"}
      icon="shield"
      keys={keysOf("protect")}
      onClick={() => command("protect")?.run(workspace)}
    >
      {isProtected ? m.protected_turn_off() : m.protected_turn_on()}
    </Button>
  );
}
