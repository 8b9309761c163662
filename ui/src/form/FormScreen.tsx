import { useEffect, useMemo } from "react";

import { readBack, stepBy } from "../commands/moves";
import { keysOf } from "../app/TopBar";
import { KeepingNotice } from "../keep/Keeping";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import type { Case } from "../store/call";
import { useWorkspace } from "../store/context";
import type { Form } from "../store/form";
import { useObservable } from "../store/observable";
import { CaseHead } from "./CaseHead";
import { ErrorSummary } from "./ErrorSummary";
import { Field } from "./Field";
import { FormContext } from "./context";
import { SetAside } from "./SetAside";

/** A form being filled in: steps, the questions of one step, what is wrong, and the way on. */
export function FormScreen({ shown, form }: { shown: Case; form: Form }) {
  const workspace = useWorkspace();
  const { position, steps, asked } = useObservable(form.outline);
  const context = useMemo(() => ({ form }), [form]);
  useEffect(
    () => form.appeared.subscribe(() => workspace.announce(form.appeared.value.map(appearedWords).join(" "))),
    [form, workspace],
  );
  const index = steps.findIndex(({ id }) => id === position);
  const step = steps[index];
  return (
    <FormContext value={context}>
      <div className="sheet form">
        <CaseHead shown={shown} form={form} reading={false} />
        <KeepingNotice shown={shown} />
        <SetAside shown={shown} />
        <section className="step-fields" tabIndex={-1} aria-label={step && m.form_step({ number: index + 1, title: step.title })}>
          {(asked[position] ?? []).map((path) => (
            <Field key={path} path={path} />
          ))}
        </section>
        <ErrorSummary form={form} />
        <Way first={index <= 0} last={index === steps.length - 1} />
      </div>
    </FormContext>
  );
}

function appearedWords(label: string): string {
  return m.form_question_appeared({ label });
}

function Way({ first, last }: { first: boolean; last: boolean }) {
  const workspace = useWorkspace();
  return (
    <div className="way">
      {!first && (
        <Button look="quiet" onClick={() => stepBy(workspace, -1)}>
          {m.form_previous()}
        </Button>
      )}
      {last ? (
        <Button look="main" className="way-on" keys={keysOf("next_step")} onClick={() => void readBack(workspace)}>
          {m.form_to_read_back()}
        </Button>
      ) : (
        <Button look="main" className="way-on" keys={keysOf("next_step")} onClick={() => stepBy(workspace, 1)}>
          {m.form_next()}
        </Button>
      )}
    </div>
  );
}
