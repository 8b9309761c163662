import { m } from "../messages/messages.js";
import { Dialog } from "../parts/Dialog";
import { Keys } from "../parts/Keys";
import { useWorkspace } from "../store/context";
import { chordWords } from "./chord";
import { commands } from "./table";

interface Line {
  id: string;
  words: string;
  keys: string;
}

/** Every command with its key. */
export function KeySheet() {
  const workspace = useWorkspace();
  const lines: Line[] = commands
    .filter(({ id, keys }) => keys && !id.startsWith("step_"))
    .map(({ id, words, keys }) => ({ id, words: words(), keys: keys ? chordWords(keys) : "" }));
  lines.splice(5, 0, { id: "step", words: m.command_step(), keys: "Alt+1–9" });
  lines.push({ id: "queue", words: m.keys_queue(), keys: "J / K" }, { id: "escape", words: m.keys_escape(), keys: "Esc" });
  return (
    <Dialog title={m.keys_title()} close={() => workspace.dialog.set(null)} className="key-sheet">
      <p className="hint">{m.keys_intro()}</p>
      <table>
        <thead>
          <tr>
            <th scope="col">{m.keys_command()}</th>
            <th scope="col">{m.keys_key()}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map(({ id, words, keys }) => (
            <tr key={id}>
              <td>{words}</td>
              <td>
                <span className="visually-hidden">{keys}</span>
                <Keys keys={keys} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Dialog>
  );
}
