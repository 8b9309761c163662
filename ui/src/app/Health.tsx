import { useEffect, useState } from "react";

import type { HealthView } from "../ipc";
import { m } from "../messages/messages.js";
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
  useEffect(() => {
    let late = false;
    void workspace.health().then((answer) => {
      if (late) return;
      if (typeof answer === "string") setProblem(answer);
      else setHealth(answer);
    });
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
    </Dialog>
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
