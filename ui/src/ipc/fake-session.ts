// How the fake core's session begins, and how it says it is doing.
import type { HealthView, LinkView, SessionView } from "./bindings";

/** The one that opens the fake core's locks. */
export const FAKE_PIN = "739184";

const MEGABYTE = 1_024 * 1_024;

export function openedSession(memoryOnly: boolean): SessionView {
  return {
    state: "open",
    worker: { name: "Karin Exempelsson", initials: "KE", role: "agent" },
    storage: memoryOnly ? "memory_only" : "encrypted",
    problem: null,
    municipality: "Exempelby kommun",
    demo: true,
    content_protection: "unavailable",
    version: "0.1.0",
    pin: { policy: "optional", set: false, sign_in_first: true },
    wait_s: null,
    lock_reason: null,
    covered: false,
    idle_minutes: 10,
  };
}

const PINNED: SessionView["pin"] = { policy: "optional", set: true, sign_in_first: false };

/** Sign-in, locked and blocked scenes, and those of the PIN; all others start with the desk open. */
export function sessionOf(scene: string, code: string | null): SessionView {
  const opened = openedSession(scene === "memory-only");
  const closed = { ...opened, storage: null };
  const locked: SessionView = { ...closed, state: "locked", lock_reason: "worker" };
  const blocked = /^blocked-(.+)$/.exec(scene)?.[1];
  if (blocked !== undefined) return { ...closed, state: "blocked", problem: blocked.replaceAll("-", "_") };
  switch (scene) {
    case "locked":
      return locked;
    case "locked-idle":
      return { ...locked, lock_reason: "idle" };
    case "locked-pin":
      return { ...locked, pin: PINNED };
    case "locked-pin-wait":
      return { ...locked, pin: PINNED, problem: "pin_wait", wait_s: 300 };
    case "locked-pin-first":
      return { ...locked, pin: { ...PINNED, sign_in_first: true } };
    case "pin-required":
      return { ...opened, pin: { ...opened.pin, policy: "required" } };
    case "pin-set":
      return { ...opened, pin: PINNED };
    case "signing-in":
      return { ...closed, state: "signing_in", worker: null };
    case "sign-in":
      return { ...closed, state: "signed_out", worker: null };
    case "sign-in-problem":
      return { ...closed, state: "signed_out", worker: null, problem: code ?? "wrong_server" };
    default:
      return opened;
  }
}

export function healthOf(scene: string, session: SessionView, link: LinkView): HealthView {
  const ill = scene === "health-faults";
  return {
    version: session.version,
    storage: session.storage ?? "encrypted",
    store: {
      size: 18 * MEGABYTE,
      free: ill ? 31 * MEGABYTE : 84_000 * MEGABYTE,
      reserve: !ill,
      to_shred: ill ? 2 : 0,
      keys: 15,
      pin: session.pin.set,
      damaged: ill ? 1 : 0,
    },
    keychain: ill ? "locked" : "reachable",
    link,
    audit_fault: ill ? "chain_broken" : null,
    audit_events: 1_284,
    policy: {
      idle_lock_minutes: session.idle_minutes,
      pin: session.pin.policy,
      offline_hours: 12,
      draft_days: 14,
      protected_draft_days: 1,
      extensions: 3,
      recovery_recipient: ill ? null : "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
    },
  };
}
