import type { KeyboardEvent } from "react";

import { keysOf } from "../app/TopBar";
import { goToSearch } from "../commands/keep";
import type { DeskView } from "../ipc";
import { m } from "../messages/messages.js";
import { useWorkspace } from "../store/context";
import { useObservable } from "../store/observable";
import { number } from "../words/numbers";
import { DiscardedList } from "./DiscardedList";
import { moveInList } from "./move";
import { Row } from "./Row";
import { Hits, SearchField, useSearch } from "./Search";

/** The left pane: open calls first, then what they led to; or what a search found. */
export function Queue() {
  const desk = useObservable(useWorkspace().desk);
  const search = useSearch(null);
  const leaveHits = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || !search.on || event.defaultPrevented) return;
    search.ask("");
    goToSearch();
  };
  return (
    <nav className="queue" data-pane="queue" data-search tabIndex={-1} aria-label={m.queue_title()} onKeyDown={leaveHits}>
      <header className="pane-head queue-head">
        <h2>{m.queue_title()}</h2>
        {desk && desk.queue.length > 0 && <kbd className="keys">J / K</kbd>}
        <SearchField search={search} name="search" label={m.command_search()} />
      </header>
      {search.found ? <Hits found={search.found} hint={m.search_none_hint()} /> : desk && <List desk={desk} />}
    </nav>
  );
}

function List({ desk }: { desk: DeskView }) {
  return (
    <>
      {desk.queue.length === 0 && (
        <div className="queue-empty">
          <p className="strong">{m.queue_empty_title()}</p>
          <p>{m.queue_empty({ key: keysOf("new_call") ?? "" })}</p>
        </div>
      )}
      <ul onKeyDown={moveInList}>
        {desk.queue.map((row) => (
          <li key={row.draft ?? row.call}>
            <Row row={row} />
          </li>
        ))}
      </ul>
      {desk.more > 0 && <p className="queue-rest">{m.queue_rest({ count: number(String(desk.more)) })}</p>}
      <DiscardedList rows={desk.discarded} />
    </>
  );
}
