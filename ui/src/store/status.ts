import type { CaseStatus, DeskView } from "../ipc";
import type { Call } from "./call";
import { same } from "./observable";

/** Whether the queue knows another state or time of one of the call's cases than the call on screen shows. */
export function statusChanged(desk: DeskView, call: Call): boolean {
  return desk.queue.some((row) => {
    const shown = call.cases.value.find(({ draft }) => draft === row.draft);
    if (!shown || row.case === null) return false;
    return key(row.case) !== key(shown.status) || !same(row.keeping, shown.keeping);
  });
}

function key(status: CaseStatus): string {
  if (status.state !== "received") return status.state;
  return `received ${status.case_number} ${status.standing?.change ?? ""}`;
}
