import { memo, useId, useMemo } from "react";

import type { KindView } from "../ipc";
import { m } from "../messages/messages.js";
import { RichText } from "../parts/RichText";
import { useProtected } from "../store/context";
import type { Field as FieldState, Question } from "../store/form";
import { CellContext, useFields, useForm } from "./context";
import { Field } from "./Field";
import { hintOf } from "./hints";
import { RemoveRow } from "./RemoveRow";

/** Questions in a row that there is room for. */
const MOST = 5;

/** Kinds that fit on one line. */
const ON_A_LINE = new Set<KindView["kind"]>([
  "text",
  "number",
  "money",
  "date",
  "time",
  "drop_down",
  "personal_identity_number",
  "other_identity_number",
  "organisation_number",
  "phone",
  "email",
  "postcode",
  "address",
]);

interface Column {
  /** Its place among the questions of a row. */
  index: number;
  question: Question;
}

type Rows = Question["rows"];

/** The questions that any row asks; none when they do not fit on a line. */
export function useColumns(rows: Rows): Column[] | null {
  const isProtected = useProtected();
  const width = rows[0]?.paths.length ?? 0;
  const fields = useFields(useMemo(() => rows.flatMap(({ paths }) => paths), [rows]));
  const all = Array.from({ length: width }, (_, index) => fields.filter((_field, at) => at % width === index));
  const columns = all.flatMap((column, index) => {
    const { question } = column.find(asked) ?? {};
    return question ? [{ index, question }] : [];
  });
  // A masked answer has buttons beside it. Decided by the mode, so that nothing moves while somebody types.
  const masked = isProtected && fields.some(({ question }) => question.sensitivity === "protected" || question.via_forwarding);
  // Hidden ones count: a question that appears does not turn the table into something else.
  const fits = width <= MOST && all.every(([first]) => first !== undefined && onALine(first.question.kind));
  return columns.length > 0 && fits && !masked ? columns : null;
}

function asked({ question }: FieldState): boolean {
  return question.state !== "hidden";
}

function onALine(kind: KindView): boolean {
  if (kind.kind === "text") return !kind.covered;
  if (kind.kind === "drop_down") return kind.other === null;
  return ON_A_LINE.has(kind.kind);
}

interface Props {
  path: string;
  kind: Extract<KindView, { kind: "group" }>;
  rows: Rows;
  columns: Column[];
  labelledBy: string;
}

/** Rows as lines of a table. Where there is little room the style sheet stacks them; the roles keep it a table then too. */
export function GroupTable({ path, kind, rows, columns, labelledBy }: Props) {
  const id = useId();
  const helped = columns.filter(hasHelp);
  const helpOf = (column: Column): string | undefined => (hasHelp(column) ? `${id}-help-${column.index}` : undefined);
  return (
    <div className="table-room">
      <table className="table" role="table" aria-labelledby={labelledBy}>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col" className="table-number">
              <span className="visually-hidden" lang="sv">
                {kind.row_label}
              </span>
            </th>
            {columns.map(({ index, question }) => (
              <th key={index} role="columnheader" scope="col">
                <span lang="sv">{question.label}</span>
                {question.state === "visible" && <span className="optional"> ({m.optional()})</span>}
              </th>
            ))}
            <th role="columnheader" scope="col">
              <span className="visually-hidden">{m.form_table_actions()}</span>
            </th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row, at) => {
            const name = m.form_group_row({ row: kind.row_label, number: at + 1 });
            return (
              <tr key={row.id} role="row">
                <th role="rowheader" scope="row" className="table-number">
                  <span className="table-word" lang="sv">
                    {kind.row_label}{" "}
                  </span>
                  {at + 1}
                </th>
                {columns.map((column) => (
                  <td key={column.index} role="cell">
                    <TableCell path={row.paths[column.index] ?? ""} row={name} help={helpOf(column)} />
                  </td>
                ))}
                <td role="cell" className="table-actions">
                  <RowLater paths={row.paths} name={name} />
                  {kind.can_remove && <RemoveRow path={path} row={row.id} label={kind.row_label} number={at + 1} />}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {helped.length > 0 && (
        <dl className="help table-help">
          {helped.map((column) => (
            <div key={column.index}>
              <dt lang="sv">{column.question.label}</dt>
              <dd id={helpOf(column)}>
                {column.question.help.length > 0 ? <RichText text={column.question.help} /> : hintOf(column.question.kind)}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}

function hasHelp({ question }: Column): boolean {
  return question.help.length > 0 || hintOf(question.kind) !== undefined;
}

/** One question of one row. Memoised: a key press in one cell draws no other. */
const TableCell = memo(function TableCell({ path, row, help }: { path: string; row: string; help: string | undefined }) {
  const cell = useMemo(() => ({ row, help }), [row, help]);
  const [field] = useFields(useMemo(() => [path], [path]));
  if (!field || !asked(field)) return <NotAsked />;
  return (
    <CellContext value={cell}>
      <Field path={path} />
    </CellContext>
  );
});

function NotAsked() {
  return (
    <p className="not-asked">
      <span aria-hidden="true">–</span>
      <span className="visually-hidden">{m.form_not_asked()}</span>
    </p>
  );
}

/** Marks what is not answered in a row to be asked later, all at once. */
function RowLater({ paths, name }: { paths: string[]; name: string }) {
  const form = useForm();
  const questions = useFields(paths).filter(asked).map(({ question }) => question);
  const marked = questions.filter(({ later }) => later);
  const open = questions.filter(({ answer }) => answer.shown === "none");
  if (marked.length === 0 && open.length === 0) return null;
  const on = marked.length === 0;
  return (
    <button
      type="button"
      className="later"
      aria-pressed={!on}
      onClick={() => (on ? open : marked).forEach(({ path }) => form.askLater(path, on))}
    >
      {on ? m.form_later() : m.form_later_on()}
      <span className="visually-hidden" lang="sv">
        : {name}
      </span>
    </button>
  );
}
