import { useId } from "react";

import { m } from "../messages/messages.js";
import { Hits, SearchField, useSearch } from "../queue/Search";

/** A protected call is found nowhere else: the search is inside it. */
export function CallSearch({ call }: { call: string }) {
  const id = useId();
  const search = useSearch(call);
  return (
    <section className="call-section" data-search>
      <h3>{m.search_within()}</h3>
      <SearchField search={search} name="search.within" label={m.search_within()} describedBy={id} />
      <p className="help" id={id}>
        {m.search_within_hint()}
      </p>
      {search.found && <Hits found={search.found} hint={m.search_within_hint()} />}
    </section>
  );
}
