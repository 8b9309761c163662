import { useId, useState } from "react";

import { goToQuestion } from "../commands/moves";
import type { ReadBackLine, ReadBackSection } from "../ipc";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { useWorkspace } from "../store/context";

interface Props {
  section: ReadBackSection;
  read: boolean;
  tick: (on: boolean) => void;
}

/** One part of the script with its tick. */
export function Section({ section, read, tick }: Props) {
  const title = useId();
  return (
    <section className="read-section" aria-labelledby={title} data-read={read}>
      <header>
        <h3 id={title}>{section.title}</h3>
        <label className="choice">
          <input type="checkbox" name="read_back.section" value={section.title} checked={read} onChange={(event) => tick(event.target.checked)} />
          <span aria-hidden="true">{m.read_back_tick()}</span>
          <span className="visually-hidden">{m.read_back_section_done({ title: section.title })}</span>
        </label>
      </header>
      <dl className="read-lines" lang="sv">
        {section.lines.map((line) => (
          <Line key={line.question} line={line} />
        ))}
      </dl>
    </section>
  );
}

function Line({ line }: { line: ReadBackLine }) {
  const workspace = useWorkspace();
  const [spelling, setSpelling] = useState(false);
  return (
    <div className="read-line">
      <dt>
        <button type="button" className="link-button" onClick={() => goToQuestion(workspace, line.question)}>
          {line.label}
        </button>
      </dt>
      <dd>
        <span className="spoken">{line.spoken}</span>
        {line.spell !== null && spelling && (
          <p className="spelled" lang="sv">
            {line.spell}
          </p>
        )}
      </dd>
      <dd className="read-action">
        {line.spell !== null && (
          <Button
            look="quiet"
            aria-expanded={spelling}
            aria-label={m.read_back_spell({ label: line.label.toLowerCase() })}
            onClick={() => setSpelling(!spelling)}
          >
            {m.read_back_spell_short()}
          </Button>
        )}
      </dd>
    </div>
  );
}
