import type { Fault } from "../ipc";
import { byCode } from "../messages/by-code.js";
import { number } from "./numbers";
import { fileSize } from "./size";

type Sentence = (params: Record<string, string>) => string;

function sentence(group: string, code: string, params: Record<string, string> = {}): string {
  const catalogue = byCode as unknown as Record<string, Sentence | undefined>;
  const known = catalogue[`${group}_${code}`] ?? catalogue[`${group}_unknown`];
  return known ? known(params) : code;
}

/** Why a command or a sign-in did not succeed, and what to do. */
export function problemWords(code: string): string {
  return sentence("problem", code);
}

/** Why the municipality did not take the case, and what to do. */
export function refusalWords(code: string): string {
  return sentence("refusal", code);
}

const NUMBERS = new Set(["min", "max", "decimals"]);
const SIZES = new Set(["max_size", "max_total"]);

/** What is wrong with an answer. Numbers and sizes are written as people write them, words as they are. */
export function faultWords(fault: Fault): string {
  const params = Object.entries(fault.params ?? {}).map(([name, value]) => [name, paramWords(name, value)]);
  return sentence("fault", fault.code, Object.fromEntries(params));
}

function paramWords(name: string, value: string): string {
  if (SIZES.has(name)) return fileSize(Number(value));
  return NUMBERS.has(name) ? number(value) : value;
}
