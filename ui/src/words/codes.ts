import type { Fault } from "../ipc";
import { m } from "../messages/messages.js";
import { number } from "./numbers";
import { fileSize } from "./size";

type Sentence = (params: Record<string, string>) => string;

function sentence(group: string, code: string, params: Record<string, string> = {}): string {
  const catalogue = m as unknown as Record<string, Sentence | undefined>;
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

/** What is wrong with an answer. */
export function faultWords(fault: Fault): string {
  const params = Object.entries(fault.params ?? {}).map(([name, value]) => [
    name,
    name === "max_size" ? fileSize(Number(value)) : number(value),
  ]);
  return sentence("fault", fault.code, Object.fromEntries(params));
}
