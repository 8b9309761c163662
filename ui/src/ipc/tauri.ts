import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";

import type { Backend, Unsubscribe } from "./backend";
import type { Changed, Commands } from "./bindings";

const commands = new Proxy({} as Commands, {
  get: (_, name) => (args?: Record<string, unknown>) => invoke(String(name), args),
});

function subscribe<T>(event: string, received: (payload: T) => void): Unsubscribe {
  const listening = listen<T>(event, ({ payload }) => received(payload));
  return () => void listening.then((stop) => stop());
}

export function tauriBackend(): Backend {
  return {
    commands,
    onChanged: (changed) => subscribe<Changed>("changed", changed),
    onFlush: (flush) => subscribe<null>("flush", () => flush()),
  };
}
