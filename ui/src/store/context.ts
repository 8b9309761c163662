import { createContext, useContext, useSyncExternalStore } from "react";

import type { LinkState } from "../ipc";
import type { CallHead } from "./call";
import { Observable, useObservable } from "./observable";
import type { Workspace } from "./workspace";

const WorkspaceContext = createContext<Workspace | null>(null);

export const WorkspaceProvider = WorkspaceContext.Provider;

export function useWorkspace(): Workspace {
  const workspace = useContext(WorkspaceContext);
  if (!workspace) throw new Error("used outside the workspace");
  return workspace;
}

/** How it stands with the way to the municipality. */
export function useLink(): LinkState {
  return useObservable(useWorkspace().desk)?.link.state ?? "checking";
}

/** Whether the call on screen is protected. */
export function useProtected(): boolean {
  const call = useObservable(useWorkspace().call);
  return useObservable<CallHead | null>(call?.head ?? nobody)?.protected ?? false;
}

const nobody = new Observable<CallHead | null>(null);

/** The time now, redrawn every second; for the one place that shows a timer. */
export function useSecond(running: boolean): Date {
  const second = useSyncExternalStore(
    (tick) => {
      if (!running) return () => undefined;
      const timer = setInterval(tick, 250);
      return () => clearInterval(timer);
    },
    () => Math.floor(Date.now() / 1000),
  );
  return new Date(second * 1000);
}
