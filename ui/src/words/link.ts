import type { LinkState, LinkView } from "../ipc";
import { m } from "../messages/messages.js";
import { shortTime } from "./time";

type Words = (inputs: { time: string }) => string;

const STATES: { [state in LinkState]: Words } = {
  checking: () => m.link_checking(),
  connected: m.link_connected_since,
  no_network: m.link_no_network,
  unreachable: m.link_unreachable,
  no_answer: m.link_no_answer,
  wrong_server: m.link_wrong_server,
  unknown_issuer: m.link_unknown_issuer,
  wrong_name: m.link_wrong_name,
  expired: m.link_expired,
  not_yet_valid: m.link_not_yet_valid,
  bad_certificate: m.link_bad_certificate,
  no_tls: m.link_no_tls,
  wrong_address: m.link_wrong_address,
  busy: m.link_busy,
  maintenance: m.link_maintenance,
  sign_in_needed: m.link_sign_in_needed,
  too_old: m.link_too_old,
  server_too_old: m.link_server_too_old,
};

const TODO: { [state in LinkState]: (() => string) | null } = {
  checking: null,
  connected: null,
  no_network: m.link_todo_no_network,
  unreachable: m.link_todo_unreachable,
  no_answer: m.link_todo_by_itself,
  wrong_server: m.link_todo_wrong_server,
  unknown_issuer: m.link_todo_unknown_issuer,
  wrong_name: m.link_todo_change_network,
  expired: m.link_todo_clock,
  not_yet_valid: m.link_todo_clock,
  bad_certificate: m.link_todo_it,
  no_tls: m.link_todo_wrong_server,
  wrong_address: m.link_todo_it,
  busy: m.link_todo_by_itself,
  maintenance: m.link_todo_by_itself,
  sign_in_needed: m.link_todo_sign_in,
  too_old: m.link_todo_update,
  server_too_old: m.link_todo_it,
};

const HEARD: readonly LinkState[] = ["connected", "busy", "maintenance", "sign_in_needed", "too_old", "server_too_old"];

/** What the button does that sends a case, as the way stands. */
export function sendWords(state: LinkState): string {
  if (state === "connected") return m.send_now();
  return HEARD.includes(state) ? m.send_later() : m.send_queue();
}

/** How it stands with the way to the municipality, since when, and until when where that is known. */
export function linkWords({ state, since, until }: LinkView): string {
  const words = STATES[state]({ time: shortTime(since) });
  return until === null ? words : `${words} ${m.link_until({ until: shortTime(until) })}`;
}

/** What becomes of the work meanwhile, and what to do; `null` while there is contact, or nothing is known yet. */
export function linkAdvice({ state }: LinkView, memoryOnly: boolean): string | null {
  const todo = TODO[state];
  return todo && `${memoryOnly ? m.link_kept_memory() : m.link_kept()} ${todo()}`;
}

/** What to do about it; `null` when there is nothing to do. */
export function linkTodo(state: LinkState): string | null {
  return TODO[state]?.() ?? null;
}

/** That the computer's clock is not the municipality's; `null` when it is right enough or nothing is known. */
export function clockWords({ clock_ahead_min }: LinkView): string | null {
  if (clock_ahead_min === 0) return null;
  const count = Math.abs(clock_ahead_min);
  return clock_ahead_min > 0 ? m.link_clock_ahead({ count }) : m.link_clock_behind({ count });
}
