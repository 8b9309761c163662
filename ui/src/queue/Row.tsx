import type { QueueRow } from "../ipc";
import { keepingMark } from "../keep/Keeping";
import { m } from "../messages/messages.js";
import { Icon } from "../parts/Icon";
import { stateIcon } from "../parts/StateMark";
import { useLink, useWorkspace } from "../store/context";
import { useObservable } from "../store/observable";
import { stateMeaning, stateWords } from "../words/states";
import { filesSent } from "../words/size";
import { dayOfYear, shortTime } from "../words/time";
import { callName } from "./who";

interface Props {
  row: QueueRow;
  /** It was thrown away. */
  discarded?: boolean;
  /** Where a search found it. */
  found?: string;
}

/** A case, or a call that has none yet. */
export function Row({ row, discarded = false, found }: Props) {
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
          {row.service ?? (found ? m.call_title({ code: row.code }) : m.queue_no_service())}
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
        {!discarded && <RowState row={row} />}
      </span>
      {row.on_its_way && row.on_its_way.sent < row.on_its_way.total && (
        <span className="queue-files">
          <progress aria-hidden="true" value={row.on_its_way.sent} max={row.on_its_way.total} />
          <span>{filesSent(row.on_its_way)}</span>
        </span>
      )}
      {row.on_its_way?.late && (
        <span className="queue-state state-needs_action">
          <Icon name="triangle" />
          {m.queue_late()}
        </span>
      )}
      {!discarded && row.keeping?.warn && (
        <span className="queue-state keeping-mark">
          <Icon name="hourglass" />
          {keepingMark(row.keeping)}
        </span>
      )}
      {discarded && (
        <span className="queue-state state-editing">
          <Icon name="bin" />
          {row.keeping && row.keeping.days_left >= 0
            ? m.discarded_until({ date: dayOfYear(row.keeping.through) })
            : m.keeping_mark_over()}
        </span>
      )}
      {found && <span className="queue-found">{m.search_found_in({ field: found })}</span>}
    </button>
  );
}

function RowState({ row }: { row: QueueRow }) {
  const link = useLink();
  if (!row.case)
    return (
      <span className="queue-state state-open">
        {row.open && <Icon name="phone" />}
        {row.open ? m.queue_open() : m.queue_ended()}
      </span>
    );
  return (
    <span className={`queue-state state-${row.case.state}`} title={stateMeaning(row.case, link)}>
      <Icon name={stateIcon(row.case.state)} />
      {stateWords(row.case)}
      {row.case.state === "received" && row.case.standing?.news && <span className="news">{m.standing_news()}</span>}
    </span>
  );
}
