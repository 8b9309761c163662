import type { Changed, Commands, IpcError } from "./bindings";

/** Stops a subscription. */
export type Unsubscribe = () => void;

/** The core as the UI sees it: in the window Tauri, in tests and pictures a fake. */
export interface Backend {
  commands: Commands;
  /** Something may look different without having been asked for. */
  onChanged(changed: (what: Changed) => void): Unsubscribe;
  /** The window is closing or locking: hand over everything typed, then call `commands.flushed()`. */
  onFlush(flush: () => void): Unsubscribe;
}

/** Every rejected command as an `IpcError`, whatever was thrown. */
export function ipcError(thrown: unknown): IpcError {
  if (typeof thrown === "object" && thrown !== null && "code" in thrown && typeof thrown.code === "string") {
    const { code } = thrown;
    const message = "message" in thrown && typeof thrown.message === "string" ? thrown.message : "";
    return { code, message, retryable: "retryable" in thrown && thrown.retryable === true };
  }
  // No answer from the core at all: what was typed is kept and tried again.
  return { code: "no_answer", message: "", retryable: true };
}
