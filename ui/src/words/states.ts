import type { CaseStatus, LinkState, Stage } from "../ipc";
import { m } from "../messages/messages.js";
import { day, hour, isToday } from "./time";

export type StateName = CaseStatus["state"];

const STAGES: { [stage in Stage]: () => string } = {
  received: m.state_received,
  in_progress: m.stage_in_progress,
  supplement_requested: m.stage_supplement_requested,
  decided: m.stage_decided,
  closed: m.stage_closed,
  other: m.stage_other,
};

const SAY_STAGES: { [stage in Stage]: (inputs: { case_number: string }) => string } = {
  received: m.say_stage_received,
  in_progress: m.say_stage_in_progress,
  supplement_requested: m.say_stage_supplement_requested,
  decided: m.say_stage_decided,
  closed: m.say_stage_closed,
  other: m.say_stage_other,
};

/** Where a received case stands. */
export function stageWords(stage: Stage): string {
  return STAGES[stage]();
}

/** How the case stands, in a sentence to the caller. */
export function stageSay(stage: Stage, case_number: string): string {
  return SAY_STAGES[stage]({ case_number });
}

export function stateWords(status: CaseStatus): string {
  switch (status.state) {
    case "editing":
      return m.state_editing();
    case "queued":
      return m.state_queued();
    case "sending":
      return m.state_sending();
    case "unknown":
      return m.state_unknown();
    case "withdrawing":
      return m.state_withdrawing();
    case "received":
      return status.standing ? stageWords(status.standing.stage) : m.state_received();
    case "needs_action":
      return m.state_needs_action();
  }
}

/** What the state means; of what is on its way, what will happen as the way to the municipality stands. */
export function stateMeaning(status: CaseStatus, link: LinkState): string {
  const open = link === "connected";
  switch (status.state) {
    case "editing":
      return m.state_editing_meaning();
    case "queued":
      if (open) return m.state_queued_meaning();
      return link === "sign_in_needed" ? m.state_queued_sign_in() : m.state_queued_later();
    case "sending":
      return m.state_sending_meaning();
    case "unknown":
      return open ? m.state_unknown_meaning() : m.state_unknown_later();
    case "withdrawing":
      return m.state_withdrawing_meaning();
    case "received":
      return m.state_received_meaning();
    case "needs_action":
      return status.reopenable ? m.state_needs_action_meaning() : m.state_open_meaning();
  }
}

/** What may be said to the caller; never more than is known. */
export function stateSay(status: CaseStatus): string {
  switch (status.state) {
    case "editing":
      return m.say_editing();
    case "queued":
      return isToday(status.at)
        ? m.say_queued({ time: hour(status.at) })
        : m.say_queued_earlier({ date: day(status.at), time: hour(status.at) });
    case "sending":
    case "unknown":
      return isToday(status.at)
        ? m.say_unknown({ time: hour(status.at) })
        : m.say_unknown_earlier({ date: day(status.at), time: hour(status.at) });
    case "withdrawing":
      return m.say_withdrawing();
    case "received": {
      const stage = status.standing?.stage ?? "received";
      return stage === "received" ? m.say_received({ case_number: status.case_number }) : stageSay(stage, status.case_number);
    }
    case "needs_action":
      return status.reopenable ? m.say_needs_action() : m.say_open();
  }
}
