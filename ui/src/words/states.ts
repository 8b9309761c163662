import type { CaseStatus } from "../ipc";
import { m } from "../messages/messages.js";
import { day, hour, isToday } from "./time";

export type StateName = CaseStatus["state"];

export function stateWords(status: CaseStatus): string {
  switch (status.state) {
    case "editing":
      return m.state_editing();
    case "queued":
      return m.state_queued();
    case "unknown":
      return m.state_unknown();
    case "withdrawing":
      return m.state_withdrawing();
    case "received":
      return m.state_received();
    case "needs_action":
      return m.state_needs_action();
  }
}

export function stateMeaning(status: CaseStatus): string {
  switch (status.state) {
    case "editing":
      return m.state_editing_meaning();
    case "queued":
      return m.state_queued_meaning();
    case "unknown":
      return m.state_unknown_meaning();
    case "withdrawing":
      return m.state_withdrawing_meaning();
    case "received":
      return m.state_received_meaning();
    case "needs_action":
      return status.reopenable ? m.state_needs_action_meaning() : m.state_open_meaning();
  }
}

/** What may be said to the caller; for a lost answer the same as in the queue, never more. */
export function stateSay(status: CaseStatus): string {
  switch (status.state) {
    case "editing":
      return m.say_editing();
    case "queued":
    case "unknown":
      return isToday(status.at)
        ? m.say_queued({ time: hour(status.at) })
        : m.say_queued_earlier({ date: day(status.at), time: hour(status.at) });
    case "withdrawing":
      return m.say_withdrawing();
    case "received":
      return m.say_received({ case_number: status.case_number });
    case "needs_action":
      return status.reopenable ? m.say_needs_action() : m.say_open();
  }
}
