import { useEffect, useId, useState } from "react";

import { m } from "../messages/messages.js";
import { Dialog } from "../parts/Dialog";
import { Keys } from "../parts/Keys";
import type { Call } from "../store/call";
import { useWorkspace } from "../store/context";
import { focusField } from "../parts/focus";
import type { Workspace } from "../store/workspace";
import { callName } from "../queue/who";
import { chordWords } from "./chord";
import { commands } from "./table";

interface Entry {
  id: string;
  words: string;
  detail?: string;
  keys?: string;
  run: () => void;
}

interface Group {
  title: string;
  entries: Entry[];
}

/** One field that finds every command, e-service and call. */
export function Palette({ call }: { call: Call | null }) {
  const workspace = useWorkspace();
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const list = useId();
  const services = useServices(workspace, query);
  const groups = [commandGroup(workspace, query), callGroup(workspace, query, call), services].filter(
    ({ entries }) => entries.length > 0,
  );
  const entries = groups.flatMap((group) => group.entries);
  const marked = entries[Math.min(at, entries.length - 1)];
  const run = (entry: Entry | undefined): void => {
    if (!entry) return;
    workspace.dialog.set(null);
    // After the dialog has given focus back, so that the command decides where it goes.
    setTimeout(entry.run, 0);
  };
  const move = (by: number): void => setAt((current) => (Math.min(current, entries.length - 1) + by + entries.length) % entries.length);
  return (
    <Dialog title={m.palette_title()} close={() => workspace.dialog.set(null)} className="palette" bare>
      <input
        className="palette-input"
        name="palette.search"
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={marked && `${list}-${marked.id}`}
        aria-label={m.palette_title()}
        placeholder={m.palette_placeholder()}
        autoComplete="off"
        spellCheck={false}
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === "ArrowDown" && entries.length > 0) move(1);
          else if (event.key === "ArrowUp" && entries.length > 0) move(-1);
          else if (event.key === "Enter") run(marked);
          else return;
          event.preventDefault();
        }}
      />
      <div className="palette-list" role="listbox" id={list} aria-label={m.palette_title()}>
        {groups.map(({ title, entries: inGroup }) => (
          <div key={title} role="group" aria-label={title}>
            <p className="palette-group" role="presentation">
              {title}
            </p>
            {inGroup.map((entry) => (
              <Option key={entry.id} id={`${list}-${entry.id}`} entry={entry} marked={entry === marked} run={run} />
            ))}
          </div>
        ))}
      </div>
      {entries.length === 0 && (
        <p className="palette-none" role="status">
          {m.palette_none()}
        </p>
      )}
    </Dialog>
  );
}

function Option({ id, entry, marked, run }: { id: string; entry: Entry; marked: boolean; run: (entry: Entry) => void }) {
  useEffect(() => {
    if (marked) document.getElementById(id)?.scrollIntoView({ block: "nearest" });
  }, [id, marked]);
  return (
    <div id={id} role="option" aria-selected={marked} className="palette-entry" onClick={() => run(entry)}>
      <span className="palette-words">{entry.words}</span>
      {entry.detail && <span className="palette-detail">{entry.detail}</span>}
      {entry.keys && <Keys keys={entry.keys} />}
    </div>
  );
}

/** Each word of the query begins a word. */
function matches(query: string, words: string): boolean {
  const text = ` ${words.toLocaleLowerCase("sv-SE")}`;
  return query
    .toLocaleLowerCase("sv-SE")
    .split(/\s+/)
    .every((word) => text.includes(` ${word}`));
}

function commandGroup(workspace: Workspace, query: string): Group {
  const entries = commands
    .filter(({ hidden, available, words }) => !hidden && available(workspace) && matches(query, words()))
    .map(({ id, words, keys, run }) => ({
      id: `command-${id}`,
      words: words(),
      ...(keys ? { keys: chordWords(keys) } : {}),
      run: () => run(workspace),
    }));
  return { title: m.palette_commands(), entries };
}

function callGroup(workspace: Workspace, query: string, current: Call | null): Group {
  const rows = (workspace.desk.value?.queue ?? []).filter(({ open, call }) => open && call !== current?.id);
  const entries = rows
    .map((row) => ({
      id: `call-${row.draft ?? row.call}`,
      words: `${m.queue_call_code({ code: row.code })} · ${callName(row.who)}`,
      detail: row.service ?? m.queue_no_service(),
      run: () => void workspace.openCall(row.call, row.draft),
    }))
    .filter(({ words, detail }) => matches(query, `${words} ${detail}`));
  return { title: m.palette_calls(), entries };
}

/** E-services as the core finds them. */
function useServices(workspace: Workspace, query: string): Group {
  const [entries, setEntries] = useState<Entry[]>([]);
  useEffect(() => {
    let late = false;
    workspace.backend.commands.find_services({ query, category: null }).then(
      (found) => {
        if (late) return;
        setEntries(
          found.slice(0, 12).map(({ id, name, category }) => ({
            id: `service-${id}`,
            words: name,
            detail: category,
            run: () => {
              workspace.place.set({ at: "service", id });
              focusField("service");
            },
          })),
        );
      },
      () => setEntries([]),
    );
    return () => {
      late = true;
    };
  }, [workspace, query]);
  return { title: m.palette_services(), entries };
}
