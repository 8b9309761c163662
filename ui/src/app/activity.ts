import type { Workspace } from "../store/workspace";

/** The core hears of it at most this often. */
const REPORT_MS = 15_000;

/** Tells the core that somebody is there; at once when it is about to lock. */
export function reportActivity(workspace: Workspace): () => void {
  let reported = -Infinity;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const report = (): void => {
    clearTimeout(waiting);
    waiting = undefined;
    reported = performance.now();
    void workspace.active();
  };
  const seen = (): void => {
    const due = reported + REPORT_MS - performance.now();
    if (workspace.idleWarning.value || due <= 0) report();
    else waiting ??= setTimeout(report, due);
  };
  const names = ["keydown", "pointerdown", "pointermove", "wheel"] as const;
  for (const name of names) window.addEventListener(name, seen, { capture: true, passive: true });
  return () => {
    clearTimeout(waiting);
    for (const name of names) window.removeEventListener(name, seen, { capture: true });
  };
}
