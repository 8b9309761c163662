import type { CaseStatus, DeskView } from "../ipc";
import type { Call } from "./call";

/** Whether the queue knows another state of one of the call's cases than the call on screen shows. */
export function statusChanged(desk: DeskView, call: Call): boolean {
  return desk.queue.some((row) => {
    const shown = call.cases.value.find(({ draft }) => draft === row.draft)?.status;
    return shown !== undefined && row.case !== null && key(row.case) !== key(shown);
  });
}

function key(status: CaseStatus): string {
  return status.state === "received" ? `received ${status.case_number}` : status.state;
}
