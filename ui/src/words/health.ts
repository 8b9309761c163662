import type { HealthView, LinkState } from "../ipc";
import { m } from "../messages/messages.js";
import { clockWords, linkTodo, linkWords } from "./link";
import { fileSize } from "./size";

/** One line of the health page: how it stands, and what to do when it does not stand well. */
export interface HealthLine {
  id: "version" | "store" | "damaged" | "shred" | "disk" | "keychain" | "link" | "clock" | "outbox" | "audit" | "policy";
  level: "ok" | "warn" | "fault";
  name: string;
  words: string;
  todo: string | null;
}

const MEGABYTE = 1_024 * 1_024;
/** Less than this is a day's work at most. */
const LITTLE_ROOM = 500 * MEGABYTE;
const NO_ROOM = 50 * MEGABYTE;

export function healthLines(health: HealthView): HealthLine[] {
  return [version(health), store(health), ...records(health), ...disk(health), keychain(health), ...link(health), outbox(health), audit(health), policy(health)];
}

function version({ version, link }: HealthView): HealthLine {
  const old = link.state === "too_old";
  return line("version", old ? "fault" : "ok", m.health_version(), m.settings_about({ version }), old ? m.health_update() : null);
}

function store({ storage, store }: HealthView): HealthLine {
  const name = m.health_store();
  if (storage === "memory_only") return line("store", "warn", name, m.settings_storage_memory_only(), m.health_memory_todo());
  if (!store) return line("store", "fault", name, m.health_store_silent(), m.health_store_silent_todo());
  const kept = { size: fileSize(store.size), days: store.keys };
  return line("store", "ok", name, store.pin ? m.health_store_pin(kept) : m.health_store_kept(kept), null);
}

function records({ store }: HealthView): HealthLine[] {
  if (!store) return [];
  const damaged =
    store.damaged === 0
      ? line("damaged", "ok", m.health_records(), m.health_records_whole(), null)
      : line("damaged", "fault", m.health_records(), m.health_records_damaged({ count: store.damaged }), m.health_records_todo());
  const shred =
    store.to_shred === 0
      ? line("shred", "ok", m.health_shred(), m.health_shred_done(), null)
      : line("shred", "warn", m.health_shred(), m.health_shred_left({ count: store.to_shred }), m.health_shred_todo());
  return [damaged, shred];
}

function disk({ store }: HealthView): HealthLine[] {
  if (!store || store.free === null) return [];
  const words = m.health_disk_free({ size: fileSize(store.free) });
  if (store.free < NO_ROOM || !store.reserve) return [line("disk", "fault", m.health_disk(), words, m.health_disk_todo())];
  if (store.free < LITTLE_ROOM) return [line("disk", "warn", m.health_disk(), words, m.health_disk_todo())];
  return [line("disk", "ok", m.health_disk(), words, null)];
}

function keychain({ keychain }: HealthView): HealthLine {
  const name = m.health_keychain();
  switch (keychain) {
    case "reachable":
      return line("keychain", "ok", name, m.health_keychain_reachable(), null);
    case "locked":
      return line("keychain", "warn", name, m.health_keychain_locked(), m.health_keychain_locked_todo());
    case "none":
      return line("keychain", "fault", name, m.health_keychain_none(), m.health_keychain_none_todo());
    case "failed":
      return line("keychain", "fault", name, m.health_keychain_failed(), m.health_keychain_failed_todo());
  }
}

function link({ link }: HealthView): HealthLine[] {
  const level = LINK_LEVELS[link.state] ?? "fault";
  const clock = clockWords(link);
  return [
    line("link", level, m.health_link(), linkWords(link), linkTodo(link.state)),
    ...(clock === null ? [] : [line("clock", "warn", m.health_link(), clock, m.link_todo_clock())]),
  ];
}

/** What passes by itself or with a sign-in; everything else is a fault that somebody has to see to. */
const LINK_LEVELS: { [state in LinkState]?: HealthLine["level"] } = {
  checking: "ok",
  connected: "ok",
  busy: "warn",
  maintenance: "warn",
  no_network: "warn",
  unreachable: "warn",
  no_answer: "warn",
  sign_in_needed: "warn",
};

function outbox({ link }: HealthView): HealthLine {
  const name = m.health_outbox();
  if (link.needs_action > 0) return line("outbox", "warn", name, m.link_needs_action({ count: link.needs_action }), m.health_outbox_todo());
  if (link.queued > 0) return line("outbox", "ok", name, m.link_queued({ count: link.queued }), null);
  if (link.unknown > 0) return line("outbox", "ok", name, m.link_unknown({ count: link.unknown }), null);
  return line("outbox", "ok", name, m.health_outbox_empty(), null);
}

function audit({ audit_fault, audit_events }: HealthView): HealthLine {
  const name = m.health_audit();
  if (audit_fault !== null) return line("audit", "fault", name, m.health_audit_broken({ code: audit_fault }), m.health_audit_todo());
  return line("audit", "ok", name, m.health_audit_whole({ count: audit_events }), null);
}

function policy({ policy }: HealthView): HealthLine {
  const words = [
    m.health_policy_idle({ minutes: policy.idle_lock_minutes }),
    m.health_policy_offline({ hours: policy.offline_hours }),
    m.health_policy_drafts({ days: policy.draft_days, extensions: policy.extensions }),
    PINS[policy.pin](),
  ];
  return line("policy", "ok", m.health_policy(), words.join(" "), null);
}

const PINS = {
  off: () => m.health_policy_pin_off(),
  optional: () => m.health_policy_pin_optional(),
  required: () => m.health_policy_pin_required(),
};

function line(id: HealthLine["id"], level: HealthLine["level"], name: string, words: string, todo: string | null): HealthLine {
  return { id, level, name, words, todo };
}
