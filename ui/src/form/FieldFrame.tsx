import { useId, type ReactNode } from "react";

import { m } from "../messages/messages.js";
import { useWorkspace } from "../store/context";
import type { Question } from "../store/form";
import { useObservable } from "../store/observable";
import { faultWords, problemWords } from "../words/codes";
import { useForm } from "./context";

/** Ids of what belongs to a control. */
export interface FieldIds {
  control: string;
  label: string;
  /** For aria-describedby; absent when there is nothing more to say. */
  describedBy: string | undefined;
}

interface Props {
  question: Question;
  /** Why the core will not keep what is on screen. */
  refused?: string | null;
  /** Where the definition has no help of its own, such as how to write a date. */
  hint?: string | undefined;
  /** Whether something is answered; then nobody needs to ask later. */
  answered?: boolean;
  /** Takes the answer away, where nothing else does. */
  clear?: () => void;
  /** Nothing is asked here. */
  plain?: boolean;
  /** The label belongs to one native control. */
  labels?: boolean;
  children: ReactNode | ((ids: FieldIds) => ReactNode);
}

/** Label left, control right; how it is asked above, help and faults below. */
export function FieldFrame({ question, refused = null, hint, answered = false, clear, plain = false, labels = false, children }: Props) {
  const id = useId();
  const askView = useObservable(useWorkspace().askView);
  const fault = question.faults[0];
  const help = question.help ?? hint;
  const wrong = fault ? faultWords(fault) : null;
  const describedBy = [help && `${id}-help`, wrong && `${id}-fault`, refused && `${id}-refused`].filter(Boolean).join(" ");
  const ids: FieldIds = { control: `${id}-control`, label: `${id}-label`, describedBy: describedBy || undefined };
  const Label = labels ? "label" : "p";
  return (
    <div className="field" data-field={question.path} data-faulty={fault ? true : undefined}>
      <div className="field-label">
        <Label id={ids.label} {...(labels ? { htmlFor: ids.control } : {})}>
          <span lang="sv">{question.label}</span>
          {question.state === "visible" && !plain && <span className="optional"> ({m.optional()})</span>}
        </Label>
      </div>
      <div className="field-control">
        {askView && question.ask && !plain && (
          <p className="ask" lang="sv">
            {question.ask}
          </p>
        )}
        {typeof children === "function" ? children(ids) : children}
        {wrong && (
          <p className="fault" id={`${id}-fault`}>
            {wrong}
          </p>
        )}
        {refused && (
          <p className="fault" id={`${id}-refused`}>
            {m.save_field_failed({ reason: problemWords(refused) })}
          </p>
        )}
        {help && (
          <p className="help" id={`${id}-help`} {...(question.help ? { lang: "sv" } : {})}>
            {help}
          </p>
        )}
      </div>
      {!plain && answered && clear && <Clear question={question} clear={clear} />}
      {!plain && !(answered && clear) && <Later question={question} answered={answered} />}
    </div>
  );
}

function Clear({ question, clear }: { question: Question; clear: () => void }) {
  return (
    <button type="button" className="later" onClick={clear}>
      {m.form_clear()}
      <span className="visually-hidden" lang="sv">
        : {question.label}
      </span>
    </button>
  );
}

function Later({ question, answered }: { question: Question; answered: boolean }) {
  const form = useForm();
  if (answered && !question.later) return <span className="later-gap" />;
  return (
    <button
      type="button"
      className="later"
      aria-pressed={question.later}
      onClick={() => form.askLater(question.path, !question.later)}
    >
      {question.later ? m.form_later_on() : m.form_later()}
      <span className="visually-hidden" lang="sv">
        : {question.label}
      </span>
    </button>
  );
}
