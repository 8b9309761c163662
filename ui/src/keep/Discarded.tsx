import { takeBack } from "../commands/keep";
import { answerWords } from "../form/answer";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { Icon } from "../parts/Icon";
import type { Call, Case } from "../store/call";
import { useWorkspace } from "../store/context";
import type { Form } from "../store/form";
import { useObservable } from "../store/observable";
import { dayOfYear } from "../words/time";

interface Props {
  call: Call;
  shown: Case;
  form: Form;
}

/** A draft that was thrown away: to be read, taken back or deleted for good. */
export function Discarded({ call, shown, form }: Props) {
  const workspace = useWorkspace();
  const { code } = useObservable(call.head);
  const { draft, service, keeping } = shown;
  return (
    <article className="sheet discarded">
      <header className="case-title">
        <h1 tabIndex={-1} lang="sv">
          {service.name}
        </h1>
        <span className="state-mark state-editing">
          <Icon name="bin" />
          <span data-testid="case-state">{m.discarded_title()}</span>
        </span>
      </header>
      <div className="notice">
        <p>
          {keeping && keeping.days_left >= 0
            ? m.discarded_text({ date: dayOfYear(keeping.through) })
            : m.discarded_text_over()}
        </p>
        <div className="button-row">
          <Button look="main" onClick={() => void takeBack(workspace, draft)}>
            {m.take_back()}
          </Button>
          <Button
            icon="bin"
            onClick={() => workspace.dialog.set({ about: "erase", draft, service: service.name, code })}
          >
            {m.erase()}
          </Button>
        </div>
      </div>
      <Answers form={form} />
    </article>
  );
}

/** What is answered, as text; what is masked stays so. */
function Answers({ form }: { form: Form }) {
  const { steps, asked } = useObservable(form.outline);
  const lines = steps.flatMap(({ id }) => asked[id] ?? []).flatMap((path) => answerLines(form, path));
  return (
    <section>
      <h2>{m.discarded_answers()}</h2>
      {lines.length === 0 ? (
        <p>{m.discarded_no_answers()}</p>
      ) : (
        <dl className="facts" lang="sv">
          {lines.map(({ path, label, words }) => (
            <div key={path}>
              <dt>{label}</dt>
              <dd>{words ?? <span className="masked-word">{m.answer_masked()}</span>}</dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

interface Line {
  path: string;
  label: string;
  /** `null` while it is masked. */
  words: string | null;
}

function answerLines(form: Form, path: string, row = ""): Line[] {
  const question = form.field(path)?.value.question;
  if (!question || question.state === "hidden") return [];
  const { answer, kind, label, rows } = question;
  const own = answer.shown === "masked" ? null : answer.shown === "plain" ? answerWords(kind, answer.answer) : "";
  const name = kind.kind === "group" ? kind.row_label : "";
  return [
    ...(own === "" ? [] : [{ path, label: row + label, words: own }]),
    ...rows.flatMap(({ paths }, index) => paths.flatMap((each) => answerLines(form, each, `${name} ${index + 1}: `))),
  ];
}
