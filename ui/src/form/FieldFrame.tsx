import { useId, type ReactNode } from "react";

import { m } from "../messages/messages.js";
import type { Question } from "../store/form";
import { faultWords, problemWords } from "../words/codes";
import { Ask, Because, RoleTag } from "./asides";
import { useCell, useForm } from "./context";
import { Help } from "./Help";
import { factOf, hintOf, isQuiet } from "./hints";

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
  /** Whether something is answered; then nobody needs to ask later. */
  answered?: boolean;
  /** Takes the answer away, where nothing else does. */
  clear?: () => void;
  /** There is no field at all. */
  plain?: boolean;
  /** The label belongs to one native control. */
  labels?: boolean;
  children: ReactNode | ((ids: FieldIds) => ReactNode);
}

/** Label left, control right; how it is asked above, help and faults below. In a table's cell, only the control. */
export function FieldFrame({ question, refused = null, answered = false, clear, plain = false, labels = false, children }: Props) {
  const id = useId();
  const cell = useCell();
  const quiet = isQuiet(question.kind);
  const fault = question.faults[0];
  const wrong = fault ? faultWords(fault) : null;
  const ownHelp = cell === null && question.help.length > 0;
  const hint = cell === null && !ownHelp && !plain ? hintOf(question.kind) : undefined;
  const fact = cell === null && !plain ? factOf(question.kind) : undefined;
  const describedBy = [
    cell?.help,
    (ownHelp || hint) && `${id}-help`,
    fact && `${id}-fact`,
    wrong && `${id}-fault`,
    refused && `${id}-refused`,
  ].filter(Boolean).join(" ");
  const ids: FieldIds = { control: `${id}-control`, label: `${id}-label`, describedBy: describedBy || undefined };
  const Label = labels ? "label" : "p";
  const look = [cell && "field-cell", quiet && "field-quiet"].filter(Boolean).map((name) => ` ${name}`).join("");
  return (
    <div className={`field${look}`} data-field={question.path} data-faulty={fault ? true : undefined}>
      <div className="field-label">
        <Label id={ids.label} {...(labels ? { htmlFor: ids.control } : {})}>
          <span lang="sv">{question.label}</span>
          {question.state === "visible" && !plain && !quiet && <span className="optional"> ({m.optional()})</span>}
          <RoleTag question={question} />
          {cell && <span className="visually-hidden"> ({cell.row})</span>}
        </Label>
        {!cell && <Because question={question} />}
      </div>
      <div className="field-control">
        {!plain && !cell && <Ask question={question} />}
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
        {ownHelp && <Help id={`${id}-help`} label={question.label} text={question.help} />}
        {hint && (
          <p className="help" id={`${id}-help`}>
            {hint}
          </p>
        )}
        {fact && (
          <p className="help" id={`${id}-fact`}>
            {fact}
          </p>
        )}
      </div>
      {!plain && !quiet && answered && clear && <Clear question={question} clear={clear} />}
      {!plain && !quiet && !(answered && clear) && (!cell || question.later) && <Later question={question} answered={answered} />}
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
