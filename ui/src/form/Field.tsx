import { memo } from "react";

import type { Block, KindView } from "../ipc";
import { m } from "../messages/messages.js";
import { Icon } from "../parts/Icon";
import { RichText } from "../parts/RichText";
import type { Question } from "../store/form";
import { CheckboxField } from "./CheckboxField";
import { ConfirmField } from "./ConfirmField";
import { DropDownField } from "./DropDownField";
import { FieldFrame } from "./FieldFrame";
import { FilesField } from "./FilesField";
import { GroupField } from "./GroupField";
import { MaskedField } from "./MaskedField";
import { RadioField } from "./RadioField";
import { TextField } from "./TextField";
import { useField } from "./context";

/** Draws one question by its kind; hidden ones are not drawn at all. */
export const Field = memo(function Field({ path }: { path: string }) {
  const { question, typed } = useField(path);
  if (question.state === "hidden") return null;
  if (question.via_forwarding) return <ViaForwarding question={question} />;
  if (question.answer.shown === "masked" && typed === undefined) return <MaskedField question={question} />;
  return <Kind question={question} kind={question.kind} />;
});

function Kind({ question, kind }: { question: Question; kind: KindView }) {
  const { path } = question;
  switch (kind.kind) {
    case "radio":
      return <RadioField path={path} kind={kind} />;
    case "drop_down":
      return <DropDownField path={path} kind={kind} />;
    case "checkbox":
      return <CheckboxField path={path} kind={kind} />;
    case "files":
      return <FilesField path={path} kind={kind} />;
    case "group":
      return <GroupField path={path} kind={kind} />;
    case "confirm":
      return <ConfirmField path={path} kind={kind} />;
    case "information":
      return (
        <div className="information">
          <RichText text={kind.text} />
        </div>
      );
    case "stop":
      return <Stop path={path} text={kind.text} />;
    default:
      return <TextField path={path} kind={kind} />;
  }
}

function Stop({ path, text }: { path: string; text: Block[] }) {
  return (
    <div className="stop" role="alert" data-field={path} tabIndex={-1}>
      <Icon name="stop" />
      <div>
        <p className="strong">{m.form_stop_title()}</p>
        <RichText text={text} />
      </div>
    </div>
  );
}

function ViaForwarding({ question }: { question: Question }) {
  return (
    <FieldFrame question={question} plain>
      <p className="via-forwarding">
        <Icon name="shield" />
        <span>{m.form_via_forwarding()}</span>
      </p>
    </FieldFrame>
  );
}
