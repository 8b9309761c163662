import { ipcError, type KindView } from "../ipc";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { Icon } from "../parts/Icon";
import { useProtected, useWorkspace } from "../store/context";
import type { Cleaned } from "../store/form";
import { useObservable } from "../store/observable";
import { ShowFile } from "../keep/ShowFile";
import { fileSize } from "../words/size";
import { shownAnswer } from "./answer";
import { FieldFrame } from "./FieldFrame";
import { useField, useForm } from "./context";

/** What the file told beside what it shows. */
function CleanedLine({ cleaned }: { cleaned: Cleaned | undefined }) {
  if (cleaned?.kept)
    return (
      <p className="file-cleaned">
        <Icon name="triangle" />
        {m.file_kept_metadata()}
      </p>
    );
  if (!cleaned || cleaned.removed.length === 0) return null;
  const what = [...new Set(cleaned.removed.map((part) => m.file_removed_part({ part })))].join(", ");
  return (
    <p className="file-cleaned">
      <Icon name="tick" />
      {m.file_removed({ what })}
    </p>
  );
}

/** Files: chosen, read and sealed by the core; here only their names. */
export function FilesField({ path, kind }: { path: string; kind: Extract<KindView, { kind: "files" }> }) {
  const workspace = useWorkspace();
  const form = useForm();
  const field = useField(path);
  const { question, refused } = field;
  const isProtected = useProtected();
  const cleaned = useObservable(form.cleaned);
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
              {files.map((file) => (
                <li key={file.id} className="file">
                  <Icon name="file" />
                  <span className="file-name">{file.name}</span>
                  <span className="hint">{fileSize(file.size)}</span>
                  <span className="file-buttons">
                    <ShowFile draft={form.draft} file={file} />
                    <Button
                      look="quiet"
                      aria-label={m.file_remove({ name: file.name })}
                      onClick={() => form.detach(path, file.id)}
                    >
                      {m.file_remove_short()}
                    </Button>
                  </span>
                  <CleanedLine cleaned={cleaned[file.id]} />
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
