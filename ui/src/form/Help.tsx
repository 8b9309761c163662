import type { Block } from "../ipc";
import { m } from "../messages/messages.js";
import { RichText, plainWords } from "../parts/RichText";

/** Characters that may stand below a field without being in the way of the next one. */
const SHORT = 280;

/** The definition's help: all of it when it is short, otherwise its beginning and the rest on demand. */
export function Help({ id, label, text }: { id: string; label: string; text: Block[] }) {
  const [first, ...rest] = text;
  if (first === undefined) return null;
  const folded = rest.length > 0 && plainWords(text).length > SHORT;
  return (
    <div className="help">
      <div id={id}>
        <RichText text={folded ? [first] : text} />
      </div>
      {folded && (
        <details>
          <summary>
            {m.form_help_more()}
            <span className="visually-hidden" lang="sv">
              : {label}
            </span>
          </summary>
          <RichText text={rest} />
        </details>
      )}
    </div>
  );
}
