import { useEffect, useId } from "react";

import { m } from "../messages/messages.js";
import { Masked } from "../parts/Masked";
import { focusField } from "../parts/focus";
import type { RevealTarget } from "../ipc";
import type { Call, CallText as Name } from "../store/call";
import { useWorkspace } from "../store/context";
import { useObservable } from "../store/observable";
import { noCopy } from "../form/masking";
import { problemWords } from "../words/codes";

/** Names of the fields in the page, the same as elsewhere in the project. */
const FIELD_NAMES: { [field in Name]: string } = {
  note: "call.note",
  asked_for: "call.asked_for",
  caller_name: "call.name",
  caller_phone: "call.phone",
  caller_identity_number: "call.identity_number",
};

interface Props {
  call: Call;
  field: Name;
  label: string;
  hint?: string;
  /** What is wrong with it, in words. */
  fault?: string | null;
  rows?: number;
  inputMode?: "tel" | "numeric";
  /** How to ask for it while it is covered. */
  reveal?: RevealTarget;
}

/** One text about the call or the caller: echoed at once, saved after a pause. */
export function CallText({ call, field, label, hint, fault = null, rows, inputMode, reveal }: Props) {
  const id = useId();
  useObservable(call.head);
  const typed = useObservable(call.typed)[field];
  const refused = useObservable(call.refused)[field];
  const text = call.text(field);
  const wrong = refused ? m.save_field_failed({ reason: problemWords(refused) }) : fault;
  const describedBy = [hint && `${id}-hint`, wrong && `${id}-fault`].filter(Boolean).join(" ") || undefined;
  const masked = text.shown === "masked";
  useEffect(() => () => call.gone(field), [call, field]);
  const shared = {
    id,
    name: FIELD_NAMES[field],
    value: typed ?? (text.shown === "plain" ? text.text : ""),
    autoComplete: "off",
    spellCheck: false,
    "aria-describedby": describedBy,
    "aria-invalid": wrong !== null,
    onFocus: () => call.entered(field),
    onBlur: () => call.left(field),
    onChange: (event: { target: { value: string } }) => call.type(field, event.target.value),
    ...(masked ? noCopy : {}),
  };
  return (
    <div className="call-text" data-field={FIELD_NAMES[field]}>
      <label htmlFor={id} id={`${id}-label`}>
        {label}
      </label>
      {masked && typed === undefined && reveal ? (
        <Covered {...{ call, field, label, reveal }} labelledBy={`${id}-label`} length={text.length} />
      ) : rows ? (
        <textarea {...shared} rows={rows} />
      ) : (
        <input {...shared} type="text" inputMode={inputMode} />
      )}
      {wrong && (
        <p className="fault" id={`${id}-fault`}>
          {wrong}
        </p>
      )}
      {hint && (
        <p className="help" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

interface CoveredProps {
  call: Call;
  field: Name;
  label: string;
  labelledBy: string;
  reveal: RevealTarget;
  length: number;
}

function Covered({ call, field, label, labelledBy, reveal, length }: CoveredProps) {
  const workspace = useWorkspace();
  return (
    <Masked
      label={label}
      labelledBy={labelledBy}
      length={length}
      reveal={() => workspace.reveal(reveal)}
      edit={(text) => {
        call.edit(field, text);
        focusField(FIELD_NAMES[field]);
      }}
    />
  );
}
