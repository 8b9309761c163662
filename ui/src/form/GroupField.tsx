import type { KindView } from "../ipc";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { focusField, focusSoon } from "../parts/focus";
import { faultWords } from "../words/codes";
import { Field } from "./Field";
import { useField, useForm } from "./context";

/** Questions that repeat; rows have stable ids of their own. */
export function GroupField({ path, kind }: { path: string; kind: Extract<KindView, { kind: "group" }> }) {
  const form = useForm();
  const { question } = useField(path);
  const fault = question.faults[0];
  const row = kind.row_label;
  return (
    <fieldset className="group" tabIndex={-1} data-field={path} data-faulty={fault ? true : undefined}>
      <legend>
        {question.label}
        {question.state === "visible" && <span className="optional"> ({m.optional()})</span>}
      </legend>
      {question.help && <p className="help">{question.help}</p>}
      {question.rows.map(({ id, paths }, index) => (
        <section key={id} className="group-row" aria-label={m.form_group_row({ row, number: index + 1 })}>
          <header>
            <h3>{m.form_group_row({ row, number: index + 1 })}</h3>
            {kind.can_remove && (
              <Button
                look="quiet"
                aria-label={m.form_group_remove({ row: row.toLowerCase(), number: index + 1 })}
                onClick={() => {
                  form.removeRow(path, id);
                  void form.saver.flush().then(() => focusField(path));
                }}
              >
                {m.file_remove_short()}
              </Button>
            )}
          </header>
          {paths.map((each) => (
            <Field key={each} path={each} />
          ))}
        </section>
      ))}
      {fault && <p className="fault">{faultWords(fault)}</p>}
      {kind.can_add && (
        <Button
          icon="plus"
          name={path}
          onClick={() => {
            form.addRow(path);
            void form.saver.flush().then(() => focusSoon(lastRow));
          }}
        >
          {m.form_group_add({ row: row.toLowerCase() })}
        </Button>
      )}
    </fieldset>
  );
}

function lastRow(): HTMLElement | null {
  const rows = document.querySelectorAll<HTMLElement>(".group-row");
  return rows[rows.length - 1]?.querySelector<HTMLElement>("input, textarea") ?? null;
}
