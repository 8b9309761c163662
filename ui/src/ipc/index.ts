import type { Backend } from "./backend";

export type { Backend, Unsubscribe } from "./backend";
export { ipcError } from "./backend";
export type * from "./bindings";

/** The core of the window; without one a fake, in builds that have it. */
export async function connect(): Promise<Backend> {
  if ("__TAURI_INTERNALS__" in window) return (await import("./tauri")).tauriBackend();
  if (import.meta.env.VITE_FAKE) return (await import("./fake")).fakeBackend();
  throw new Error("no core to talk to");
}
