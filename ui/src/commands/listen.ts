import { needsPin } from "../store/session";
import type { Workspace } from "../store/workspace";
import { pressed } from "./chord";
import { commands } from "./table";

/** Runs commands by their keys. A dialog takes all keys but its own and the lock. */
export function listenToKeys(workspace: Workspace): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (!isAtWork(workspace) || event.isComposing) return;
    const found = commands.find(({ keys }) => keys && pressed(event, keys));
    if (!found) return;
    if (found.keys?.key === "?" && !isFree(event.target)) return;
    event.preventDefault();
    if (workspace.dialog.value !== null && found.id !== "lock") return;
    if (found.available(workspace)) found.run(workspace);
  };
  window.addEventListener("keydown", onKey, { capture: true });
  return () => window.removeEventListener("keydown", onKey, { capture: true });
}

/** A single character is a command only where focus is on a pane or the queue, not on a control (WCAG 2.1.4). */
function isFree(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("body, [data-pane], .queue-row");
}

function isAtWork({ session: { value: session } }: Workspace): boolean {
  return session.state === "open" && !session.covered && !needsPin(session);
}
