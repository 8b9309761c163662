import { useState, type KeyboardEvent } from "react";

import { keysOf } from "../app/TopBar";
import type { QueueRow } from "../ipc";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { Icon } from "../parts/Icon";
import { stateIcon } from "../parts/StateMark";
import { useWorkspace } from "../store/context";
import { useObservable } from "../store/observable";
import { stateMeaning, stateWords } from "../words/states";
import { shortTime } from "../words/time";
import { callName } from "./who";

/** Rows drawn at first, and how many more at a time. */
const PAGE = 100;

/** The left pane: open calls first, then what they led to. */
export function Queue() {
  const desk = useObservable(useWorkspace().desk);
  const all = desk?.queue ?? [];
  const [most, setMost] = useState(PAGE);
  const rows = all.slice(0, most);
  return (
    <nav className="queue" data-pane="queue" tabIndex={-1} aria-label={m.queue_title()}>
      <header className="pane-head">
        <h2>{m.queue_title()}</h2>
        {rows.length > 0 && <kbd className="keys">J / K</kbd>}
      </header>
      {desk && rows.length === 0 && (
        <div className="queue-empty">
          <p className="strong">{m.queue_empty_title()}</p>
          <p>{m.queue_empty({ key: keysOf("new_call") ?? "" })}</p>
        </div>
      )}
      <ul onKeyDown={moveInList}>
        {rows.map((row) => (
          <li key={row.draft ?? row.call}>
            <Row row={row} />
          </li>
        ))}
      </ul>
      {all.length > rows.length && (
        <Button look="quiet" className="queue-more" onClick={() => setMost(most + PAGE)}>
          {m.queue_more({ count: all.length - rows.length })}
        </Button>
      )}
    </nav>
  );
}

function Row({ row }: { row: QueueRow }) {
  const workspace = useWorkspace();
  const call = useObservable(workspace.call);
  const place = useObservable(workspace.place);
  const here = call?.id === row.call && (row.draft === null ? place.at !== "case" : place.at === "case" && place.draft === row.draft);
  return (
    <button
      type="button"
      className={`queue-row ${row.who.who === "protected" ? "queue-row-protected" : ""}`}
      data-testid="queue-row"
      aria-current={here ? "true" : undefined}
      onClick={() => void workspace.openCall(row.call, row.draft)}
    >
      <span className="queue-line">
        <span className={row.service === null ? "queue-title queue-title-none" : "queue-title"}>
          {row.service ?? m.queue_no_service()}
        </span>
        <span className="queue-time">{shortTime(row.updated_at)}</span>
      </span>
      <span className="queue-line queue-line-who">
        <span className="queue-who">
          <span className={`call-chip call-colour-${row.colour % 8}`} data-open={row.open}>
            <span className="visually-hidden">{m.queue_call_code({ code: row.code })}</span>
            <span aria-hidden="true">{row.code}</span>
          </span>
          {row.who.who === "protected" && <Icon name="shield" />}
          <span className="queue-name">{callName(row.who)}</span>
        </span>
        <RowState row={row} />
      </span>
    </button>
  );
}

function RowState({ row }: { row: QueueRow }) {
  if (!row.case)
    return (
      <span className="queue-state state-open">
        {row.open && <Icon name="phone" />}
        {row.open ? m.queue_open() : m.queue_ended()}
      </span>
    );
  return (
    <span className={`queue-state state-${row.case.state}`} title={stateMeaning(row.case)}>
      <Icon name={stateIcon(row.case.state)} />
      {stateWords(row.case)}
    </span>
  );
}

/** J and K as well as the arrows, only while the list has focus. */
function moveInList(event: KeyboardEvent<HTMLUListElement>): void {
  const by = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
  if (by === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
  const rows = [...event.currentTarget.querySelectorAll("button")];
  const here = rows.findIndex((row) => row === document.activeElement);
  rows[Math.max(0, Math.min(rows.length - 1, here + by))]?.focus();
  event.preventDefault();
}
