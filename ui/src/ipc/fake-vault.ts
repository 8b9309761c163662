// What the fake core remembers beside a draft: earlier states, how long it is kept, and how it is found again.
import { answerWords } from "../form/answer";
import type { Difference, Keeping, OnItsWay, Op, QuestionView, RevisionView, Text } from "./bindings";
import { formView } from "./fake-form";
import type { FakeState } from "./fake-form";
import { newId } from "./fake-scenes";
import type { FakeCall, FakeCase } from "./fake-scenes";

const DAY_MS = 86_400_000;
const EXTENSIONS = 3;
/** Days before the end on which the worker is warned. */
const WARNED = 2;
const ANSWERING = ["set", "clear", "add_row", "remove_row", "attach", "detach"];

export type FakeRevision = { id: string; at: string; question: string | null; answers: FakeState["answers"] };

export function onItsWay({ status, upload, late }: FakeCase): OnItsWay | null {
  const { state } = status;
  if (state === "editing" || state === "received") return null;
  const withdrawable = state === "queued" || state === "unknown" || (state === "needs_action" && !status.reopenable);
  return { sent: upload?.sent ?? 0, total: upload?.total ?? 0, late, withdrawable };
}

export function keeping(call: FakeCall, one: FakeCase): Keeping | null {
  if (one.status.state !== "editing") return null;
  const days_left = one.daysLeft ?? fullTime(call, one);
  const through = new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Stockholm" }).format(Date.now() + days_left * DAY_MS);
  return { through, days_left, warn: days_left <= (call.isProtected ? 0 : WARNED) };
}

function fullTime(call: FakeCall, { definition: { retention } }: FakeCase): number {
  return call.isProtected ? Math.min(retention.protected_draft_days, 1) : Math.min(retention.draft_days, 14);
}

export function extensionsLeft(one: FakeCase): number {
  return EXTENSIONS - one.extended;
}

export function extend(call: FakeCall, one: FakeCase): void {
  one.extended += 1;
  one.daysLeft = Math.max(one.daysLeft ?? 0, fullTime(call, one));
}

/** Keeps the state before a change of answers; what is typed in one question is one revision. */
export function remember(one: FakeCase, ops: Op[], at: string): void {
  const changed = new Set(ops.flatMap((op) => ("question" in op && ANSWERING.includes(op.op) ? [op.question.split("/")[0]] : [])));
  if (changed.size === 0) return;
  const [only] = changed;
  const question = changed.size === 1 && only !== undefined ? only : null;
  if (question !== null && one.revisions[0]?.question === question) return;
  one.revisions.unshift({ id: newId(), at, question, answers: structuredClone(one.form.answers) });
}

export function revisionViews(one: FakeCase): RevisionView[] {
  const questions = one.definition.steps.flatMap((step) => step.questions);
  return one.revisions.map(({ id, at, question }) => ({
    id,
    at,
    question: questions.find((each) => each.id === question)?.label ?? null,
    older_version: false,
  }));
}

/** The state of now becomes the newest revision. */
export function goBack(one: FakeCase, to: FakeRevision): void {
  const { answers } = to;
  one.revisions.unshift({ id: newId(), at: new Date().toISOString(), question: null, answers: one.form.answers });
  one.form = { ...one.form, answers: structuredClone(answers), rev: one.form.rev + 1 };
  one.confirmed = false;
}

export function differences(call: FakeCall, one: FakeCase, revision: FakeRevision): Difference[] {
  const then = worded(one, { ...one.form, answers: structuredClone(revision.answers) });
  const now = worded(one, one.form);
  const text = (words = ""): Text =>
    call.isProtected && words !== "" ? { shown: "masked", length: words.length } : { shown: "plain", text: words };
  return [...new Set([...now.keys(), ...then.keys()])]
    .filter((path) => now.get(path)?.words !== then.get(path)?.words)
    .map((path) => ({
      label: (now.get(path) ?? then.get(path))?.label ?? path,
      then: text(then.get(path)?.words),
      now: text(now.get(path)?.words),
    }));
}

/** What is answered, in words, by path. */
export function worded(one: FakeCase, form: FakeState): Map<string, { label: string; words: string }> {
  const found = new Map<string, { label: string; words: string }>();
  const look = (question: QuestionView, row: string): void => {
    const { answer, kind } = question;
    if (answer.shown === "plain" && answer.answer.type !== "rows") {
      found.set(question.path, { label: row + question.label, words: answerWords(kind, answer.answer) });
    }
    const label = kind.kind === "group" ? kind.row_label : "";
    question.rows.forEach(({ questions }, index) => questions.forEach((each) => look(each, `${label} ${index + 1}: `)));
  };
  for (const question of formView(one.definition, form, false).questions) look(question, "");
  return found;
}

/** In which field each word of the query begins a word; `null` in none. */
export function foundIn(query: string, call: FakeCall, one: FakeCase | undefined): string | null {
  const fields: [string, string][] = [
    ["name", call.name],
    ["phone", call.phone],
    ["identity_number", call.identityNumber],
    ["asked_for", call.askedFor],
    ["note", call.note],
  ];
  if (one) {
    const { status } = one;
    fields.push(["service", one.definition.name], ["case_number", status.state === "received" ? status.case_number : ""]);
    fields.push(...[...worded(one, one.form).values()].map(({ words }): [string, string] => ["answer", words]));
  }
  const words = query.trim().toLocaleLowerCase("sv-SE").split(/\s+/);
  const holds = (text: string): boolean => {
    const lower = ` ${text.toLocaleLowerCase("sv-SE").replace(/[^\p{L}\p{N}]+/gu, " ")}`;
    return words.every((word) => lower.includes(` ${word.replace(/[^\p{L}\p{N}]+/gu, " ").trim()}`));
  };
  return fields.find(([, text]) => text !== "" && holds(text))?.[0] ?? null;
}
