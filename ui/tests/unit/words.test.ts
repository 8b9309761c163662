import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CaseStatus } from "../../src/ipc";
import { setLocale } from "../../src/messages/runtime.js";
import { faultWords, problemWords, refusalWords } from "../../src/words/codes";
import { spell } from "../../src/words/spelling";
import { stateSay, stateWords } from "../../src/words/states";
import { duration, hour } from "../../src/words/time";

beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2026-11-22T13:30:00Z"), toFake: ["Date"] });
  setLocale("sv", { reload: false });
});
afterEach(() => {
  vi.useRealTimers();
});

const TODAY = "2026-11-22T13:05:00Z";
const RECEIVED: CaseStatus = { state: "received", case_number: "EXB-2026-7K3M-9Q", at: TODAY, to_supplement: [], standing: null };
const REFUSED: CaseStatus = {
  state: "needs_action",
  reason: { code: "service_version_retired", questions: [] },
  reopenable: true,
};
const OPEN: CaseStatus = { state: "needs_action", reason: { code: "no_success", questions: [] }, reopenable: false };

describe("the words for a state", () => {
  it.each<[CaseStatus, string, string]>([
    [
      { state: "editing" },
      "Utkast, ej inkommet",
      "Jag har sparat det vi har hunnit med. Det är inte inskickat.",
    ],
    [
      { state: "queued", at: TODAY },
      "I kö, ej inkommet ännu",
      "Jag har antecknat din ansökan i dag klockan 14.05. Den är inte registrerad än. Du får ärendenummer när den är registrerad.",
    ],
    [
      { state: "sending", at: TODAY },
      "Skickas, inget svar än",
      "Jag har antecknat din ansökan i dag klockan 14.05. Jag har inte fått någon bekräftelse än. Du får ärendenummer när den är bekräftad.",
    ],
    [
      { state: "unknown", at: TODAY },
      "Kontrolleras",
      "Jag har antecknat din ansökan i dag klockan 14.05. Jag har inte fått någon bekräftelse än. Du får ärendenummer när den är bekräftad.",
    ],
    [
      { state: "withdrawing", at: TODAY },
      "Tas tillbaka",
      "Jag har bett kommunen att inte ta emot din ansökan. Jag vet inte än om den redan är registrerad.",
    ],
    [OPEN, "Kräver åtgärd", "Jag vet inte än om din ansökan är registrerad."],
    [RECEIVED, "Inkommen", "Din ansökan är registrerad. Ärendenumret är EXB-2026-7K3M-9Q."],
    [REFUSED, "Kräver åtgärd", "Din ansökan är inte klar än. Något behöver rättas först."],
  ])("are exactly the agreed ones: %o", (status, shown, said) => {
    expect(stateWords(status)).toBe(shown);
    expect(stateSay(status)).toBe(said);
  });

  it("never calls anything received that the municipality has not received", () => {
    for (const state of ["queued", "unknown", "withdrawing"] as const) {
      const words = `${stateWords({ state, at: TODAY })} ${stateSay({ state, at: TODAY })}`;
      expect(words).not.toMatch(/inkommen\b|inskickad/i);
    }
  });

  it("says another day's date instead of today", () => {
    const said = stateSay({ state: "queued", at: "2026-11-20T22:30:00Z" });
    expect(said).toContain("den 20 november 2026 klockan 23.30");
    expect(said).not.toContain("i dag");
  });
});

describe("the hour", () => {
  it("is Sweden's, summer and winter, whatever the computer's zone", () => {
    expect(hour("2026-11-22T13:05:00Z")).toBe("14.05");
    expect(hour("2026-07-01T12:05:00Z")).toBe("14.05");
  });

  it("has a colon in English", () => {
    setLocale("en", { reload: false });
    expect(hour("2026-11-22T13:05:00Z")).toBe("14:05");
  });
});

describe("how long a call has lasted", () => {
  it.each([
    ["2026-11-22T13:23:48Z", "06:12"],
    ["2026-11-22T12:23:48Z", "1:06:12"],
    // A clock that was set back never shows a negative time.
    ["2026-11-22T13:31:00Z", "00:00"],
  ])("since %s is %s", (from, shown) => {
    expect(duration(from, new Date("2026-11-22T13:30:00Z"))).toBe(shown);
  });
});

describe("codes", () => {
  it("have sentences with their parameters", () => {
    expect(problemWords("disk_full")).toMatch(/^Datorns disk är full\./);
    expect(refusalWords("forbidden")).toMatch(/behörighet/);
    expect(faultWords({ code: "too_long", params: { max: "120" } })).toBe(
      "Svaret får ha högst 120 tecken. Korta det.",
    );
  });

  it.each([
    ["1.5", "Talet ska vara minst 1,5."],
    ["20000", "Talet ska vara minst 20\u00a0000."],
    ["1900", "Talet ska vara minst 1900."],
  ])("write the number %s as in Swedish", (min, words) => {
    expect(faultWords({ code: "number_too_small", params: { min } })).toBe(words);
  });

  it("says sizes of files as people say them, and whole numbers by name", () => {
    expect(faultWords({ code: "file_too_large", params: { max_size: "5767168" } })).toContain("högst 5,5 MB");
    expect(faultWords({ code: "number_decimals", params: { decimals: "0" } })).toBe("Skriv ett heltal, utan decimaler.");
  });

  it("says the size of all files together", () => {
    expect(faultWords({ code: "files_too_large", params: { max_total: "8388608" } })).toContain("högst 8 MB");
  });

  it.each([
    [{ code: "pattern", params: { help: "20000" } }, "Svaret är inte skrivet på rätt sätt: 20000"],
    [{ code: "one_of", params: { questions: "10000, E-post" } }, "Fyll i minst en av: 10000, E-post."],
    [{ code: "one_of", params: { questions: "20000" } }, "Fyll i minst en av: 20000."],
    [{ code: "file_type", params: { types: "12345" } }, "De här går bra: 12345."],
  ])("leave words alone that look like numbers: %o", (fault, words) => {
    expect(faultWords(fault)).toContain(words);
  });

  it.each([
    ["too_short", { min: "3" }, "minst 3 tecken"],
    ["age_too_low", { min: "18" }, "fyllt 18 år"],
    ["age_too_high", { max: "65" }, "högst 65 år"],
  ])("say %s with its number", (code, params, words) => {
    expect(faultWords({ code, params })).toContain(words);
  });

  it("that nobody has thought of still get a sentence", () => {
    expect(problemWords("gremlins")).toBe(problemWords("unknown"));
    expect(refusalWords("gremlins")).toBe(refusalWords("unknown"));
    expect(faultWords({ code: "gremlins", params: {} })).toBe(faultWords({ code: "unknown", params: {} }));
  });
});

describe("spelling", () => {
  it("uses the Swedish alphabet, letter by letter", () => {
    expect(spell("Åsa-9").map(({ letter, word }) => `${letter} ${word}`)).toEqual([
      "Å Åke",
      "S Sigurd",
      "A Adam",
      "- bindestreck",
      "9 nia",
    ]);
  });

  it("leaves out spaces and says foreign letters by their base", () => {
    expect(spell("é š").map(({ word }) => word)).toEqual(["Erik", "Sigurd"]);
  });
});
