import { useId, useState } from "react";

import { goToQuestion } from "../commands/moves";
import type { ReadBackLine, ReadBackSection } from "../ipc";
import { m } from "../messages/messages.js";
import { getLocale } from "../messages/runtime.js";
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
      {byRow(section.lines).map(({ heading, lines }) => (
        <Row key={lines[0]?.question} heading={heading} lines={lines} />
      ))}
    </section>
  );
}

interface RowOfLines {
  heading: string | null;
  lines: ReadBackLine[];
  /** Where its answers are in the form; empty outside groups. */
  within: string;
}

/** Lines that belong to the same row stand together, under its heading. */
function byRow(lines: ReadBackLine[]): RowOfLines[] {
  const rows: RowOfLines[] = [];
  for (const line of lines) {
    const { heading, question } = line;
    const within = heading === null ? "" : question.slice(0, question.lastIndexOf("/"));
    const last = rows.at(-1);
    if (last?.within === within) last.lines.push(line);
    else rows.push({ heading, lines: [line], within });
  }
  return rows;
}

function Row({ heading, lines }: Omit<RowOfLines, "within">) {
  return (
    <>
      {heading !== null && (
        <h4 className="read-row" lang="sv">
          {heading}
        </h4>
      )}
      <dl className="read-lines">
        {lines.map((line) => (
          <Line key={line.question} line={line} />
        ))}
      </dl>
    </>
  );
}

function Line({ line }: { line: ReadBackLine }) {
  const workspace = useWorkspace();
  const [spelling, setSpelling] = useState(false);
  return (
    <div className="read-line">
      <dt lang="sv">
        <button type="button" className="link-button" onClick={() => goToQuestion(workspace, line.question)}>
          {line.label}
        </button>
      </dt>
      <dd>
        <span className="spoken" lang={getLocale()}>
          {line.spoken}
        </span>
        {line.spell !== null && spelling && (
          <p className="spelled" lang={getLocale()}>
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
