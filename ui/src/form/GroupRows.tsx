import type { KindView } from "../ipc";
import { m } from "../messages/messages.js";
import type { Question } from "../store/form";
import { Field } from "./Field";
import { RemoveRow } from "./RemoveRow";

interface Props {
  path: string;
  kind: Extract<KindView, { kind: "group" }>;
  rows: Question["rows"];
}

/** Rows one below the other, each with its own fields. */
export function GroupRows({ path, kind, rows }: Props) {
  const row = kind.row_label;
  return rows.map(({ id, paths }, index) => (
    <section key={id} className="group-row" aria-label={m.form_group_row({ row, number: index + 1 })}>
      <header>
        <h3 lang="sv">{m.form_group_row({ row, number: index + 1 })}</h3>
        {kind.can_remove && <RemoveRow path={path} row={id} label={row} number={index + 1} />}
      </header>
      {paths.map((each) => (
        <Field key={each} path={each} />
      ))}
    </section>
  ));
}
