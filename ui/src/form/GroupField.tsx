import { useId } from "react";

import type { KindView } from "../ipc";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { fieldElement, focusSoon } from "../parts/focus";
import type { Question } from "../store/form";
import { faultWords } from "../words/codes";
import { Ask, Because, RoleTag } from "./asides";
import { Field } from "./Field";
import { GroupRows } from "./GroupRows";
import { GroupTable, useColumns } from "./GroupTable";
import { useField, useForm } from "./context";
import { Help } from "./Help";

const NO_ROWS: Question["rows"] = [];

/** Questions that belong together: one of each, or in rows that repeat and have stable ids of their own. */
export function GroupField({ path, kind }: { path: string; kind: Extract<KindView, { kind: "group" }> }) {
  const id = useId();
  const form = useForm();
  const { question } = useField(path);
  const { rows } = question;
  const columns = useColumns(kind.layout === "table" && !kind.single ? rows : NO_ROWS);
  const fault = question.faults[0];
  const describedBy = [question.help.length > 0 && `${id}-help`, fault && `${id}-fault`].filter(Boolean).join(" ");
  return (
    <fieldset
      className="group"
      tabIndex={-1}
      data-field={path}
      data-faulty={fault ? true : undefined}
      aria-describedby={describedBy || undefined}
    >
      <legend id={`${id}-legend`}>
        <span lang="sv">{question.label}</span>
        {question.state === "visible" && <span className="optional"> ({m.optional()})</span>}
        <RoleTag question={question} />
      </legend>
      <div className="group-said">
        <Because question={question} />
        <Ask question={question} />
        {question.help.length > 0 && <Help id={`${id}-help`} label={question.label} text={question.help} />}
      </div>
      {kind.single ? (
        rows.map((row) => (
          <div key={row.id} className="group-row group-only">
            {row.paths.map((each) => (
              <Field key={each} path={each} />
            ))}
          </div>
        ))
      ) : columns ? (
        <GroupTable path={path} kind={kind} rows={rows} columns={columns} labelledBy={`${id}-legend`} />
      ) : (
        <GroupRows path={path} kind={kind} rows={rows} />
      )}
      {fault && (
        <p className="fault" id={`${id}-fault`}>
          {faultWords(fault)}
        </p>
      )}
      {kind.can_add && (
        <Button
          icon="plus"
          name={path}
          onClick={() => {
            form.addRow(path);
            void form.saver.flush().then(() => focusSoon(() => firstOfLastRow(form.field(path)?.value.question.rows)));
          }}
        >
          {m.form_group_add({ row: kind.row_label.toLowerCase() })}
        </Button>
      )}
    </fieldset>
  );
}

function firstOfLastRow(rows: { paths: string[] }[] = []): HTMLElement | null {
  for (const path of rows.at(-1)?.paths ?? []) {
    const element = fieldElement(path);
    if (element) return element;
  }
  return null;
}
