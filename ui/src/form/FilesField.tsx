import { ipcError, type KindView } from "../ipc";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { Icon } from "../parts/Icon";
import { useProtected, useWorkspace } from "../store/context";
import { fileSize } from "../words/size";
import { shownAnswer } from "./answer";
import { FieldFrame } from "./FieldFrame";
import { useField, useForm } from "./context";

/** Files: chosen, read and sealed by the core; here only their names. */
export function FilesField({ path, kind }: { path: string; kind: Extract<KindView, { kind: "files" }> }) {
  const workspace = useWorkspace();
  const form = useForm();
  const field = useField(path);
  const { question, refused } = field;
  const isProtected = useProtected();
  const answer = shownAnswer(field);
  const files = answer?.type === "files" ? answer.files : [];
  const attach = async (): Promise<void> => {
    try {
      const name = await form.attach(path);
      workspace.problem.set(null);
      if (name !== null) workspace.announce(m.file_attached({ name }));
    } catch (thrown) {
      workspace.problem.set(ipcError(thrown).code);
    }
  };
  return (
    <FieldFrame question={question} refused={refused} answered={files.length > 0}>
      {({ label, describedBy }) => (
        <div className="files" role="group" aria-labelledby={label}>
          {files.length > 0 && (
            <ul>
              {files.map(({ id, name, size }) => (
                <li key={id} className="file">
                  <Icon name="file" />
                  <span className="file-name">{name}</span>
                  <span className="hint">{fileSize(size)}</span>
                  <Button look="quiet" aria-label={m.file_remove({ name })} onClick={() => form.detach(path, id)}>
                    {m.file_remove_short()}
                  </Button>
                </li>
              ))}
            </ul>
          )}
          {isProtected && <p className="notice notice-protected">{m.file_protected()}</p>}
          {files.length < kind.max_count && (
            <Button icon="plus" name={path} aria-describedby={describedBy} onClick={() => void attach()}>
              {m.file_add()}
            </Button>
          )}
        </div>
      )}
    </FieldFrame>
  );
}
