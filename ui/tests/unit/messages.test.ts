// @vitest-environment node
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

type Variants = { declarations: string[]; match: Record<string, string> }[];
type Catalogue = Record<string, string | Variants>;

const ROOT = new URL("../../../", import.meta.url).pathname;

function read(path: string): string {
  return readFileSync(ROOT + path, "utf8");
}

function catalogue(language: string): Catalogue {
  const { $schema: _, ...messages } = JSON.parse(read(`ui/messages/${language}.json`)) as Catalogue;
  return messages;
}

const sources = Object.values(
  import.meta.glob<string>("../../src/**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true }),
);

const sv = catalogue("sv");
const en = catalogue("en");

function sentences(message: string | Variants): string[] {
  return typeof message === "string" ? [message] : message.flatMap((variant) => Object.values(variant.match));
}

function parameters(message: string | Variants): string[] {
  const used = sentences(message).flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1] ?? ""));
  return [...new Set(used)].sort();
}

/** The codes that a Rust file's `fn code` answers. */
function codesOf(path: string): string[] {
  const source = read(path);
  const body = source.slice(source.indexOf("fn code("));
  return [...body.matchAll(/=> "(\w+)"/g)].map((found) => found[1] ?? "");
}

function literals(path: string, pattern: RegExp): string[] {
  return [...read(path).matchAll(pattern)].map((found) => found[1] ?? "");
}

/** Codes that reach the UI as `IpcError` or as a session's problem. */
const problemCodes = new Set([
  ...codesOf("crates/core/src/error.rs"),
  ...codesOf("crates/link/src/roots.rs"),
  ...codesOf("crates/link/src/sign_in/error.rs"),
  ...codesOf("crates/vault/src/error.rs"),
  ...codesOf("crates/vault/src/pin.rs"),
  ...codesOf("crates/vault/src/copy/mod.rs"),
  ...codesOf("src-tauri/src/session/copying.rs"),
  ...codesOf("src-tauri/src/session/pin.rs"),
  ...literals("src-tauri/src/session/pin.rs", /Some\("(\w+)"/g),
  ...literals("src-tauri/src/session/signing_in.rs", /Err\("(\w+)"/g),
  ...literals("src-tauri/src/ipc/commands.rs", /IpcError::new\(\s*"(\w+)"/g),
  // Said when a file is to be shown.
  "preview_unsupported",
  "preview_failed",
  // Said by the UI itself when the core does not answer.
  "no_answer",
  "unknown",
]);

/** Codes that the municipality, or the application in its name, refuses a case with. */
const refusalCodes = new Set([
  ...literals("crates/protocol/src/problem.rs", /pub const [A-Z_]+: &str = "(\w+)"/g),
  ...literals("crates/core/src/draft.rs", /pub const [A-Z_]+: &str = "(\w+)"/g),
  "receipt_invalid",
  "unexpected_answer",
  "unknown",
]);

const faultCodes = new Set([...literals("crates/forms/src/fault.rs", /^ {4}[A-Z_]+ = "(\w+)";/gm), "unknown"]);

const families: [string, Set<string>][] = [
  ["problem", problemCodes],
  ["refusal", refusalCodes],
  ["fault", faultCodes],
];

describe("the message catalogue", () => {
  it("has the same keys in both languages", () => {
    expect(Object.keys(en)).toEqual(Object.keys(sv));
  });

  it("says each with the same parameters in both languages", () => {
    for (const key of Object.keys(sv)) expect(parameters(en[key] ?? ""), key).toEqual(parameters(sv[key] ?? ""));
  });

  it.each(Object.entries({ sv, en }))("has no empty sentence and no stray space in %s", (_, messages) => {
    for (const [key, message] of Object.entries(messages)) {
      for (const text of sentences(message)) {
        expect(text, key).not.toBe("");
        expect(text, key).toBe(text.trim().replace(/ {2,}/g, " "));
      }
    }
  });

  it.each(families)("has a sentence for every %s code, and no other", (family, codes) => {
    expect(codes.size).toBeGreaterThan(5);
    const said = Object.keys(sv)
      .filter((key) => key.startsWith(`${family}_`))
      .map((key) => key.slice(family.length + 1));
    expect(said.sort()).toEqual([...codes].sort());
  });

  it("gives a fault only the parameters that its code carries", () => {
    const table = read("docs/fault-codes.md");
    for (const key of Object.keys(sv).filter((candidate) => candidate.startsWith("fault_"))) {
      const row = table.split("\n").find((line) => line.includes(`\`${key.slice("fault_".length)}\``)) ?? "";
      for (const parameter of parameters(sv[key] ?? "")) expect(row, key).toContain(parameter);
    }
  });

  it("has no sentence that is never said", () => {
    const named = new Set(sources.flatMap((text) => [...text.matchAll(/\bm\.(\w+)/g)].map((found) => found[1] ?? "")));
    const byCode = new RegExp(`^(${families.map(([family]) => family).join("|")})_`);
    expect(Object.keys(sv).filter((key) => !named.has(key) && !byCode.test(key))).toEqual([]);
  });

  it("names no message that it does not have", () => {
    const named = sources.flatMap((text) => [...text.matchAll(/\bm\.([a-z]\w*_\w+)\(/g)].map((found) => found[1] ?? ""));
    expect(named.filter((key) => !(key in sv))).toEqual([]);
  });
});

describe("what may be said to the caller", () => {
  const said: [string, string][] = [
    ["state_editing", "Utkast, ej inkommet"],
    ["say_editing", "Jag har sparat det vi har hunnit med. Det är inte inskickat."],
    ["state_queued", "I kö, ej inkommet ännu"],
    [
      "say_queued",
      "Jag har antecknat din ansökan i dag klockan {time}. Den är inte registrerad än. " +
        "Du får ärendenummer när den är registrerad.",
    ],
    ["state_unknown", "Kontrolleras"],
    ["state_received", "Inkommen"],
    ["state_needs_action", "Kräver åtgärd"],
    ["queue_protected", "Skyddad uppgift"],
    ["protected_title", "Skyddade personuppgifter"],
    ["send_now", "Skicka nu"],
    ["send_queue", "Lägg i kö, ingen kontakt"],
  ];

  it.each(said)("says %s in exactly the agreed words", (key, words) => {
    expect(sv[key]).toBe(words);
  });

  it("never says skyddad identitet", () => {
    expect(JSON.stringify(sv)).not.toMatch(/skyddad identitet/i);
  });
});
