import type { SessionView } from "../ipc";

/** A desk that is covered is still open for what was typed. */
export function isOpen({ state, covered }: SessionView): boolean {
  return state === "open" || covered;
}

/** The municipality demands a PIN first. In memory only there is nothing to keep under one. */
export function needsPin({ pin, storage }: SessionView): boolean {
  return pin.policy === "required" && !pin.set && storage === "encrypted";
}
