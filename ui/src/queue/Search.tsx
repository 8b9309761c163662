import { useEffect, useRef, useState, type KeyboardEvent } from "react";

import type { Found } from "../ipc";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { Icon } from "../parts/Icon";
import { focusSoon } from "../parts/focus";
import { useWorkspace } from "../store/context";
import { useObservable } from "../store/observable";
import { moveInList } from "./move";
import { Row } from "./Row";

/** Letters that are enough to search by. */
const ENOUGH = 2;
/** Each search is logged: one for what was typed in one go. */
const PAUSE_MS = 200;

export interface Search {
  query: string;
  /** Something is asked for, so that hits stand where the list was. */
  on: boolean;
  found: Found | null;
  ask: (query: string) => void;
}

/** What the query finds, `within` one call or among all that may be found; asked again while not all can be found yet. */
export function useSearch(within: string | null): Search {
  const workspace = useWorkspace();
  const desk = useObservable(workspace.desk);
  const [query, ask] = useState("");
  const [found, setFound] = useState<Found | null>(null);
  const [asked, setAsked] = useState(desk);
  const on = query.trim().length >= ENOUGH;
  useEffect(() => {
    if (!on) return setFound(null);
    let late = false;
    const timer = setTimeout(async () => {
      const answer = await workspace.search(query.trim(), within);
      if (!late) setFound(answer);
    }, PAUSE_MS);
    return () => {
      late = true;
      clearTimeout(timer);
    };
  }, [workspace, asked, query, on, within]);
  useEffect(() => {
    if (found !== null && found.indexed < 100) setAsked(desk);
  }, [desk, found]);
  return { query, on, found, ask };
}

interface FieldProps {
  search: Search;
  name: string;
  label: string;
  describedBy?: string;
}

/** Esc clears it and goes back to where focus was. */
export function SearchField({ search, name, label, describedBy }: FieldProps) {
  const field = useRef<HTMLInputElement>(null);
  const before = useRef<Element | null>(null);
  const onKey = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") {
      search.ask("");
      const { current } = before;
      focusSoon(() => (current instanceof HTMLElement && current.isConnected ? current : null));
    } else if (event.key === "ArrowDown" || event.key === "Enter") {
      const hits = event.currentTarget.closest("[data-search]");
      hits?.querySelector<HTMLElement>(".queue-row")?.focus();
    } else return;
    event.preventDefault();
  };
  return (
    <div className="find" role="search">
      <Icon name="search" />
      <input
        ref={field}
        name={name}
        aria-label={label}
        {...(describedBy ? { "aria-describedby": describedBy } : {})}
        placeholder={m.search_placeholder()}
        autoComplete="off"
        spellCheck={false}
        value={search.query}
        onFocus={(event) => (before.current = event.relatedTarget)}
        onChange={(event) => search.ask(event.target.value)}
        onKeyDown={onKey}
      />
      {search.query !== "" && (
        <Button
          look="quiet"
          onClick={() => {
            search.ask("");
            field.current?.focus();
          }}
        >
          {m.search_clear()}
        </Button>
      )}
    </div>
  );
}

/** What was found and where, or that nothing was. */
export function Hits({ found, hint }: { found: Found; hint: string }) {
  return (
    <>
      <div className="search-said" role="status">
        <p className="strong">{found.rows.length === 0 ? m.search_none() : m.search_hits({ count: found.rows.length })}</p>
        {found.rows.length === 0 && <p>{hint}</p>}
        {found.indexed < 100 && <p>{m.search_indexing({ percent: found.indexed })}</p>}
      </div>
      <ul onKeyDown={moveInList}>
        {found.rows.map(({ row, field }) => (
          <li key={row.draft ?? row.call}>
            <Row row={row} found={field} />
          </li>
        ))}
      </ul>
    </>
  );
}
