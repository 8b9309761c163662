import { useEffect, useId, useState } from "react";

import { keysOf } from "../app/TopBar";
import type { CatalogueView, ServiceSummary } from "../ipc";
import { m } from "../messages/messages.js";
import { newCall } from "../commands/moves";
import { Button } from "../parts/Button";
import { Icon } from "../parts/Icon";
import { focusSoon } from "../parts/focus";
import type { Call } from "../store/call";
import { useWorkspace } from "../store/context";
import { useObservable } from "../store/observable";
import { day, hour } from "../words/time";

/** E-services by category or search; works without a network once they have been fetched. */
export function Catalogue({ call }: { call: Call | null }) {
  const desk = useObservable(useWorkspace().desk);
  const [query, setQuery] = useState("");
  const [category, setCategory] = useState<string | null>(null);
  const services = useFound(query, category, desk?.catalogue);
  return (
    <div className="sheet catalogue">
      <header className="sheet-head">
        <h1>{call ? m.catalogue_title() : m.catalogue_title_idle()}</h1>
        {!call && <Start />}
      </header>
      <Search query={query} setQuery={setQuery} />
      {desk && desk.catalogue.categories.length > 0 && (
        <Categories all={desk.catalogue.categories} chosen={category} choose={setCategory} />
      )}
      {desk && services && <Found catalogue={desk.catalogue} services={services} />}
    </div>
  );
}

function Start() {
  const workspace = useWorkspace();
  return (
    <div className="start-call">
      <p>{m.catalogue_idle()}</p>
      <Button look="main" icon="phone" keys={keysOf("new_call")} onClick={() => void newCall(workspace)}>
        {m.top_new_call()}
      </Button>
    </div>
  );
}

function Search({ query, setQuery }: { query: string; setQuery: (query: string) => void }) {
  const field = useId();
  return (
    <div className="catalogue-search">
      <label htmlFor={field}>{m.catalogue_search()}</label>
      <div className="search-field">
        <Icon name="search" />
        <input
          id={field}
          type="search"
          name="catalogue.search"
          autoComplete="off"
          spellCheck={false}
          aria-describedby={`${field}-hint`}
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "ArrowDown") return;
            event.preventDefault();
            focusSoon(() => document.querySelector<HTMLElement>(".service-row"));
          }}
        />
      </div>
      <p className="hint" id={`${field}-hint`}>
        {m.catalogue_search_hint()}
      </p>
    </div>
  );
}

interface CategoriesProps {
  all: string[];
  chosen: string | null;
  choose: (category: string | null) => void;
}

function Categories({ all, chosen, choose }: CategoriesProps) {
  return (
    <div className="categories" role="group" aria-label={m.catalogue_categories()}>
      <button type="button" className="category" aria-pressed={chosen === null} onClick={() => choose(null)}>
        {m.catalogue_all()}
      </button>
      {all.map((category) => (
        <button
          key={category}
          type="button"
          className="category"
          aria-pressed={chosen === category}
          onClick={() => choose(category)}
        >
          {category}
        </button>
      ))}
    </div>
  );
}

function Found({ catalogue, services }: { catalogue: CatalogueView; services: ServiceSummary[] }) {
  const workspace = useWorkspace();
  if (catalogue.fetched_at === null) return <p className="empty">{m.catalogue_never()}</p>;
  return (
    <>
      <p className="hint" role="status">
        {services.length > 0 ? m.catalogue_hits({ count: services.length }) : m.catalogue_none()}
      </p>
      <ul className="services" lang="sv">
        {services.map(({ id, name, summary, unit }) => (
          <li key={id}>
            <button
              type="button"
              className="service-row"
              onClick={() => {
                workspace.place.set({ at: "service", id });
                focusSoon(() => document.querySelector<HTMLElement>(".service-page h1"));
              }}
            >
              <span className="service-name">{name}</span>
              <span className="service-unit">{unit}</span>
              <span className="service-summary">{summary}</span>
            </button>
          </li>
        ))}
      </ul>
      <p className="hint">{m.catalogue_fetched({ date: day(catalogue.fetched_at), time: hour(catalogue.fetched_at) })}</p>
      {catalogue.skipped.length > 0 && (
        <div className="skipped">
          <p>{m.catalogue_skipped({ count: catalogue.skipped.length })}</p>
          <ul>
            {catalogue.skipped.map(({ name, reason }) => (
              <li key={name}>
                {name}: {reason}
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

/** What the core finds, best first; the latest question wins. */
function useFound(query: string, category: string | null, catalogue: CatalogueView | undefined): ServiceSummary[] | null {
  const { commands } = useWorkspace().backend;
  const [found, setFound] = useState<ServiceSummary[] | null>(null);
  const fetched = catalogue?.fetched_at;
  useEffect(() => {
    let late = false;
    commands.find_services({ query, category }).then(
      (services) => {
        if (!late) setFound(services);
      },
      () => undefined,
    );
    return () => {
      late = true;
    };
  }, [commands, query, category, fetched]);
  return found;
}
