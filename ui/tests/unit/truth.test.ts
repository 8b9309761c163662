import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { CaseStatus, LinkState, LinkView, Stage } from "../../src/ipc";
import { setLocale } from "../../src/messages/runtime.js";
import { clockWords, linkAdvice, linkTodo, linkWords, sendWords } from "../../src/words/link";
import { stateMeaning, stateSay, stateWords, stageSay, stageWords } from "../../src/words/states";

const LINKS: LinkState[] = [
  "checking",
  "connected",
  "no_network",
  "unreachable",
  "no_answer",
  "wrong_server",
  "unknown_issuer",
  "wrong_name",
  "expired",
  "not_yet_valid",
  "bad_certificate",
  "no_tls",
  "wrong_address",
  "busy",
  "maintenance",
  "sign_in_needed",
  "too_old",
  "server_too_old",
];
/** What the municipality's own server has answered. */
const HEARD: LinkState[] = ["connected", "busy", "maintenance", "sign_in_needed", "too_old", "server_too_old"];
const TODAY = "2026-11-22T13:05:00Z";
const STATUSES: CaseStatus[] = [
  { state: "editing" },
  { state: "queued", at: TODAY },
  { state: "sending", at: TODAY },
  { state: "unknown", at: TODAY },
  { state: "withdrawing", at: TODAY },
  { state: "received", case_number: "EXB-2026-7K3F-9Q", at: TODAY, to_supplement: [], standing: null },
  { state: "needs_action", reason: { code: "forbidden", questions: [] }, reopenable: false },
];
const STAGES: Stage[] = ["received", "in_progress", "supplement_requested", "decided", "closed", "other"];

function link(state: LinkState, change: Partial<LinkView> = {}): LinkView {
  return {
    state,
    since: "2026-11-22T13:32:00Z",
    until: null,
    clock_ahead_min: 0,
    queued: 0,
    unknown: 0,
    needs_action: 0,
    drafts: 0,
    news: 0,
    ...change,
  };
}

/** Everything that is on screen about one case while the way stands so. */
function onScreen(status: CaseStatus, state: LinkState): string {
  const about = [stateWords(status), stateMeaning(status, state), stateSay(status)];
  return [...about, linkWords(link(state)), linkAdvice(link(state), false) ?? ""].join(" ");
}

beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2026-11-22T14:00:00Z"), toFake: ["Date"] });
  setLocale("sv", { reload: false });
});
afterEach(() => {
  vi.useRealTimers();
});

describe.each(["sv", "en"] as const)("the words in %s", (language) => {
  beforeEach(() => {
    setLocale(language, { reload: false });
  });

  it("tell every state of the way from every other", () => {
    expect(new Set(LINKS.map((state) => linkWords(link(state)))).size).toBe(LINKS.length);
  });

  it("say since when it is so, but while it is looked for", () => {
    const time = language === "sv" ? "14.32" : "14:32";
    for (const state of LINKS.filter((each) => each !== "checking")) expect(linkWords(link(state))).toContain(time);
  });

  it("say what becomes of the work and what to do whenever there is no way", () => {
    for (const state of LINKS) {
      const open = state === "connected" || state === "checking";
      expect(linkAdvice(link(state), false) === null, state).toBe(open);
      expect(linkTodo(state) === null, state).toBe(open);
    }
  });

  it("promise no saving on a computer that keeps everything in memory", () => {
    for (const state of LINKS) expect(linkAdvice(link(state), true) ?? "").not.toMatch(/sparas|saved/);
  });
});

describe("every state of a case with every state of the way", () => {
  const all = LINKS.flatMap((state) => STATUSES.map((status): [string, CaseStatus, LinkState] => [`${status.state}, ${state}`, status, state]));

  it.each(all)("is true: %s", (_, status, state) => {
    const words = onScreen(status, state);
    // Only a receipt makes it received, and then nothing says the contrary.
    if (status.state !== "received") expect(words).not.toMatch(/\b(Inkommen|är registrerad\.|har tagit emot)/);
    else expect(words).not.toMatch(/inte inkommet|ej inkommet|inte registrerad|inte skickat/);
    // What may have arrived is neither received nor not received.
    if (status.state === "sending" || status.state === "unknown" || status.state === "withdrawing") {
      expect(words).not.toMatch(/inte inkommet|ej inkommet|inte registrerad|har inte skickats|inte inskickat/);
    }
    // Nothing is going on where nothing can be sent.
    if (state !== "connected" && status.state === "queued") expect(words).not.toMatch(/står på tur|skickas nu/);
    // Contact is not denied to a server that has answered, and not claimed of one that has not.
    expect(words.includes("Ingen kontakt")).toBe(!HEARD.includes(state) && state !== "checking");
    expect(words.includes("Kontakt med kommunen sedan")).toBe(state === "connected");
  });

  it("would catch the words of the queue on a case that may have arrived", () => {
    const wrong = stateWords({ state: "queued", at: TODAY });
    expect(wrong).toMatch(/ej inkommet/);
  });
});

describe("the button that sends", () => {
  it("says no contact only where there is none, and sends now only where it can", () => {
    for (const state of LINKS) {
      expect(sendWords(state) === "Skicka nu").toBe(state === "connected");
      expect(sendWords(state).includes("ingen kontakt")).toBe(!HEARD.includes(state));
    }
  });
});

describe("maintenance", () => {
  it("says until when, if the municipality did", () => {
    expect(linkWords(link("maintenance"))).toBe("Kommunens system är stängt för underhåll sedan 14.32.");
    const until = "2026-11-22T15:30:00Z";
    expect(linkWords(link("maintenance", { until }))).toContain("Det väntas öppna 16.30.");
  });
});

describe("a clock that is off", () => {
  it("is said beside the state, in whole minutes", () => {
    expect(clockWords(link("connected"))).toBeNull();
    expect(clockWords(link("connected", { clock_ahead_min: 7 }))).toMatch(/går 7 minuter före kommunens.*preliminära/);
    expect(clockWords(link("connected", { clock_ahead_min: -2 }))).toMatch(/går 2 minuter efter/);
  });
});

describe("where a received case stands", () => {
  it("has words of its own and a sentence for the caller that names the case", () => {
    expect(STAGES.map(stageWords)).toEqual([
      "Inkommen",
      "Handläggs",
      "Komplettering begärd",
      "Beslutad",
      "Avslutad",
      "Har ändrats hos kommunen",
    ]);
    for (const stage of STAGES) expect(stageSay(stage, "EXB-2026-7K3F-9Q")).toContain("EXB-2026-7K3F-9Q");
  });

  it("never says what the decision is", () => {
    expect(stageSay("decided", "X")).not.toMatch(/beviljat|avslag/i);
  });
});
