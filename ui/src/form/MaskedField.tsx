import { focusField } from "../parts/focus";
import type { Question } from "../store/form";
import { Masked } from "../parts/Masked";
import { useWorkspace } from "../store/context";
import { ForCaseOfficer } from "./asides";
import { FieldFrame } from "./FieldFrame";
import { useForm } from "./context";

/** An answer that the core keeps covered: shown while a button is held, or uncovered to be changed. */
export function MaskedField({ question }: { question: Question }) {
  const workspace = useWorkspace();
  const form = useForm();
  const length = question.answer.shown === "masked" ? question.answer.length : 0;
  const reveal = (): Promise<string | null> =>
    workspace.reveal({ what: "answer", draft: form.draft, question: question.path });
  return (
    <FieldFrame question={question} answered>
      {({ label, describedBy }) => (
        <>
          {question.kind.kind === "unknown" && <ForCaseOfficer />}
          <Masked
            label={question.label}
            labelledBy={label}
            describedBy={describedBy}
            length={length}
            reveal={reveal}
            edit={(text) => {
              form.edit(question.path, editable(question) ? text : "");
              focusField(question.path);
            }}
          />
        </>
      )}
    </FieldFrame>
  );
}

/** A choice is revealed in words and chosen anew. */
function editable({ kind }: Question): boolean {
  return !["radio", "drop_down", "checkbox", "confirm", "files"].includes(kind.kind);
}
