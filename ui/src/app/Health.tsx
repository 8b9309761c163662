import { useEffect, useId, useState } from "react";

import type { CopyView, HealthView } from "../ipc";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { Dialog } from "../parts/Dialog";
import { Icon, type IconName } from "../parts/Icon";
import { useWorkspace } from "../store/context";
import { problemWords } from "../words/codes";
import { healthLines, type HealthLine } from "../words/health";

const ICONS: { [level in HealthLine["level"]]: IconName } = { ok: "tick", warn: "triangle", fault: "stop" };
const LEVELS: { [level in HealthLine["level"]]: () => string } = {
  ok: () => m.health_ok(),
  warn: () => m.health_warn(),
  fault: () => m.health_fault(),
};

/** How Ledsaga is doing on this computer, line by line, without personal data: it may be shown to support. */
export function Health() {
  const workspace = useWorkspace();
  const [health, setHealth] = useState<HealthView | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const take = (answer: HealthView | string): boolean => {
    if (typeof answer === "string") setProblem(answer);
    else setHealth(answer);
    return typeof answer !== "string";
  };
  useEffect(() => {
    let late = false;
    void workspace.health().then((answer) => late || take(answer));
    return () => {
      late = true;
    };
  }, [workspace]);
  return (
    <Dialog title={m.health_title()} close={() => workspace.dialog.set(null)} className="health">
      <p className="hint">{m.health_intro()}</p>
      {problem !== null && (
        <p className="problem" role="alert">
          {problemWords(problem)}
        </p>
      )}
      {health === null && problem === null && <p role="status">{m.health_asking()}</p>}
      {health && <Lines lines={healthLines(health)} />}
      {health && <ExportLog refused={setProblem} />}
      {health?.store && <SealedCopy recipient={health.policy.recovery_recipient} refused={setProblem} />}
      {health?.store && <ChangeKeys begin={() => setProblem(null)} done={take} />}
    </Dialog>
  );
}

/** For the reviewer of the log. */
function ExportLog({ refused }: { refused: (problem: string | null) => void }) {
  const workspace = useWorkspace();
  const [saved, setSaved] = useState(false);
  const save = async (): Promise<void> => {
    const answer = await workspace.exportLog();
    refused(typeof answer === "string" ? answer : null);
    setSaved(answer === true);
  };
  return (
    <section className="health-keys" aria-label={m.health_export_log()}>
      <p>{m.health_export_log_text()}</p>
      <Button onClick={() => void save()}>{m.health_export_log()}</Button>
      <p role="status">{saved ? m.health_log_exported() : ""}</p>
    </section>
  );
}

/** For recovery: only the municipality's recovery key opens it, and without one there is none. */
function SealedCopy({ recipient, refused }: { recipient: string | null; refused: (problem: string | null) => void }) {
  const workspace = useWorkspace();
  const reason = useId();
  const [status, setStatus] = useState<"before" | "saving" | CopyView>("before");
  const disabled = recipient === null || status === "saving";
  const save = async (): Promise<void> => {
    if (disabled) return;
    refused(null);
    setStatus("saving");
    const answer = await workspace.saveCopy();
    refused(typeof answer === "string" ? answer : null);
    setStatus(answer === null || typeof answer === "string" ? "before" : answer);
  };
  return (
    <section className="health-keys" aria-label={m.health_copy()}>
      <p>{m.health_copy_text()}</p>
      <p id={reason}>{recipient === null ? m.health_copy_nobody() : m.health_copy_for({ key: shortKey(recipient) })}</p>
      <Button aria-disabled={disabled} aria-describedby={reason} onClick={() => void save()}>
        {m.health_copy()}
      </Button>
      <p role="status">{status === "saving" ? m.health_copy_saving() : status === "before" ? "" : m.health_copy_saved({ count: status.drafts })}</p>
    </section>
  );
}

/** Enough to compare it with the one that the municipality has written down. */
function shortKey(key: string): string {
  return `${key.slice(0, 12)}…${key.slice(-6)}`;
}

/** After a suspicion that somebody has seen the old ones. Takes a while; the work goes on. */
function ChangeKeys({ begin, done }: { begin: () => void; done: (answer: HealthView | string) => boolean }) {
  const workspace = useWorkspace();
  const [state, setState] = useState<"before" | "changing" | "changed">("before");
  const change = async (): Promise<void> => {
    if (state === "changing") return;
    begin();
    setState("changing");
    setState(done(await workspace.changeKeys()) ? "changed" : "before");
  };
  return (
    <section className="health-keys" aria-label={m.health_change_keys()}>
      <p>{m.health_change_keys_text()}</p>
      <Button aria-disabled={state === "changing"} onClick={() => void change()}>
        {m.health_change_keys()}
      </Button>
      <p role="status">{state === "changing" ? m.health_changing_keys() : state === "changed" ? m.health_keys_changed() : ""}</p>
    </section>
  );
}

function Lines({ lines }: { lines: HealthLine[] }) {
  return (
    <dl className="health-lines">
      {lines.map(({ id, level, name, words, todo }) => (
        <div key={id} className={`health-line health-${level}`} data-health={id}>
          <dt>
            <Icon name={ICONS[level]} />
            {name}
          </dt>
          <dd>
            <span className="health-level">{LEVELS[level]()}</span> {words}
            {todo !== null && <p className="health-todo">{todo}</p>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
