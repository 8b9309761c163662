// A small imitation of the forms crate, good enough to draw and test the UI. It decides nothing: the judge is Rust.
import type {
  Answer,
  AnswerView,
  Choice,
  Contact,
  Delta,
  Fault,
  FileRef,
  FormView,
  Layout,
  Op,
  OralFiling,
  QuestionState,
  QuestionView,
  Retention,
  Row,
  Sensitivity,
  StepView,
} from "./bindings";
import { isAsked, kindView } from "./fake-kinds";
import { blocks } from "./fake-rich";

type Answers = Row["answers"];

export type FakeQuestion = {
  id: string;
  label: string;
  help?: string;
  ask?: string;
  state?: QuestionState;
  sensitivity?: Sensitivity;
  protected_policy?: "ask" | "via_forwarding" | "do_not_ask";
  role?: NonNullable<QuestionView["role"]>;
  kind: string;
  covered?: boolean;
  domain?: string;
  layout?: Layout;
  max_length?: number;
  min?: number;
  max?: number;
  decimals?: number;
  unit?: string;
  not_past?: boolean;
  not_future?: boolean;
  choices?: Choice[];
  other?: string;
  max_count?: number;
  max_size?: number;
  max_total?: number;
  types?: string[];
  row_label?: string;
  questions?: FakeQuestion[];
  min_rows?: number;
  max_rows?: number;
  text?: string;
  statement?: string;
};

/** Conditions of other sorts never hold here. */
type Condition = { any_of: string[] } | { all_of: string[] } | { answered: boolean } | { at_least: number } | { [other: string]: unknown };

export type FakeDefinition = {
  id: string;
  version: number;
  name: string;
  summary: string;
  category: string;
  unit: string;
  keywords?: string[];
  contact: { name: string; phone: string; email?: string; hours?: string };
  oral_filing: OralFiling;
  retention: Retention;
  checklist?: string[];
  steps: { id: string; title: string; questions: FakeQuestion[] }[];
  rules?: { on: string; when: Condition; set: QuestionState; targets: string[]; keep_answer?: boolean }[];
};

export type FakeState = {
  rev: number;
  position: string;
  answers: Answers;
  left: Set<string>;
  leftSteps: Set<string>;
  later: Set<string>;
  tried: boolean;
};

export function emptyState(definition: FakeDefinition): FakeState {
  return {
    rev: 0,
    position: definition.steps[0]?.id ?? "",
    answers: Object.fromEntries(
      definition.steps.flatMap(({ questions }) => questions).flatMap((question) => {
        const first = firstRows(question);
        return first ? [[question.id, first]] : [];
      }),
    ),
    left: new Set(),
    leftSteps: new Set(),
    later: new Set(),
    tried: false,
  };
}

/** The rows that a group has before anyone has answered. */
function firstRows({ kind, min_rows = 0 }: FakeQuestion): Answer | null {
  if (kind !== "group" || min_rows === 0) return null;
  return { type: "rows", rows: Array.from({ length: min_rows }, (_, index) => ({ id: `r${index + 1}`, answers: {} })) };
}

/** Hiding clears: a group is then as it was at first. */
function without(answers: Answers, id: string, questions: FakeQuestion[]): Answers {
  const { [id]: _, ...rest } = answers;
  const question = questions.find((each) => each.id === id);
  const first = question ? firstRows(question) : null;
  return first ? { ...rest, [id]: first } : rest;
}

export const text = (value: string): Answer => ({ type: "text", text: value });
export const choice = (...choices: string[]): Answer => ({ type: "choice", choices });

export function contactOf(definition: FakeDefinition): Contact {
  const { name, phone, email, hours } = definition.contact;
  return { name, phone, email: email ?? null, hours: hours ?? null };
}

function list(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function holds(condition: Condition, answer: Answer | undefined): boolean {
  const chosen = answer?.type === "choice" ? answer.choices : answer?.type === "confirmed" ? ["confirmed"] : [];
  if ("any_of" in condition) return list(condition.any_of).some((id) => chosen.includes(id));
  if ("all_of" in condition) return list(condition.all_of).every((id) => chosen.includes(id));
  if ("answered" in condition) return (answer !== undefined) === condition.answered;
  if (!("at_least" in condition)) return false;
  const least = Number(condition.at_least);
  if (answer?.type === "rows") return answer.rows.length >= least;
  return answer?.type === "text" && Number(answer.text.replace(",", ".")) >= least;
}

interface States {
  of: Map<string, QuestionState>;
  /** The question whose answer made another one asked. */
  because: Map<string, string>;
}

function states(definition: FakeDefinition, state: FakeState, isProtected: boolean): States {
  const because = new Map<string, string>();
  const all = definition.steps.flatMap((step) => step.questions);
  const result = new Map<string, QuestionState>();
  for (const question of definition.steps.flatMap((step) => step.questions)) {
    result.set(question.id, question.state ?? "visible_required");
  }
  for (const rule of definition.rules ?? []) {
    const asked = result.get(rule.on) !== "hidden";
    const match = asked && holds(rule.when, state.answers[rule.on]);
    for (const target of rule.targets) {
      if (match) result.set(target, rule.set);
      const [source, hidden] = [all.find(({ id }) => id === rule.on), all.find(({ id }) => id === target)?.state === "hidden"];
      if (match && source && hidden) because.set(target, source.label);
      if (result.get(target) === "hidden" && !rule.keep_answer) state.answers = without(state.answers, target, all);
    }
  }
  if (isProtected) {
    for (const question of definition.steps.flatMap((step) => step.questions)) {
      if (question.protected_policy === "do_not_ask") result.set(question.id, "hidden");
    }
  }
  return { of: result, because };
}

function luhn(digits: string): boolean {
  let sum = 0;
  for (const [index, digit] of [...digits].entries()) {
    const doubled = Number(digit) * (index % 2 === 0 ? 2 : 1);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

const FORMATS: Record<string, (value: string) => string | null> = {
  personal_identity_number: (value) => {
    const digits = value.replace(/[\s+-]/g, "");
    if (!/^(\d{10}|\d{12})$/.test(digits)) return "pnr_length";
    return luhn(digits.slice(-10)) ? null : "pnr_checksum";
  },
  organisation_number: (value) => {
    const digits = value.replace(/[\s-]/g, "");
    if (!/^\d{10}$/.test(digits)) return "orgnr_length";
    return luhn(digits) ? null : "orgnr_checksum";
  },
  phone: (value) => (/^\+?[\d\s-]{7,17}$/.test(value) ? null : "phone_format"),
  email: (value) => (/^[^@\s]+@[^@\s]+$/.test(value) ? null : "email_format"),
  postcode: (value) => (/^[1-9]\d{2}\s?\d{2}$/.test(value) ? null : "postcode_format"),
  date: (value) => (/^\d{4}-?\d{2}-?\d{2}$|^\d{1,2}[/.]\d{1,2}[ .]\d{4}$/.test(value) ? null : "date_format"),
  time: (value) => (/^\d{1,2}[.:]?\d{2}$/.test(value) ? null : "time_format"),
  number: (value) => (/^-?\d+([.,]\d+)?$/.test(value) ? null : "number_format"),
  money: (value) => (/^[\d\s]+$/.test(value) ? null : "money_format"),
};

/** The first thing that is wrong with an identity or phone number, as a code. */
export function formatFault(kind: "personal_identity_number" | "phone", value: string): string | null {
  return value === "" ? null : (FORMATS[kind]?.(value) ?? null);
}

const MISSING = ["required", "choice_none", "files_none", "rows_none", "not_confirmed"];

function missingCode({ kind }: FakeQuestion): string {
  if (kind === "radio" || kind === "drop_down" || kind === "checkbox") return "choice_none";
  if (kind === "files") return "files_none";
  if (kind === "group") return "rows_none";
  return kind === "confirm" ? "not_confirmed" : "required";
}

function faultsOf(question: FakeQuestion, answer: Answer | undefined): Fault[] {
  if (answer?.type !== "text") return [];
  const code = FORMATS[question.kind]?.(answer.text);
  if (code) return [{ code, params: {} }];
  if (question.max_length !== undefined && answer.text.length > question.max_length) {
    return [{ code: "too_long", params: { max: String(question.max_length) } }];
  }
  return [];
}

function answerView(question: FakeQuestion, answer: Answer | undefined, isProtected: boolean): AnswerView {
  if (answer === undefined) return { shown: "none" };
  if (isProtected && question.sensitivity === "protected" && answer.type === "text") {
    return { shown: "masked", length: answer.text.length };
  }
  return { shown: "plain", answer };
}

function questionView(
  question: FakeQuestion,
  path: string,
  step: string,
  state: QuestionState,
  answer: Answer | undefined,
  form: FakeState,
  isProtected: boolean,
  because: string | null = null,
): QuestionView {
  const rows = answer?.type === "rows" ? answer.rows : [];
  const mayTell = form.tried || form.left.has(path) || form.leftSteps.has(step);
  const missing = state === "visible_required" && answer === undefined && isAsked(question.kind);
  const viaForwarding = isProtected && question.protected_policy === "via_forwarding";
  const faults: Fault[] = [];
  if (state !== "hidden" && !viaForwarding) {
    if (mayTell) faults.push(...faultsOf(question, answer));
    if (missing && (form.tried || form.leftSteps.has(step))) faults.push({ code: missingCode(question), params: {} });
  }
  return {
    path,
    step,
    label: question.label,
    help: blocks(question.help),
    ask: question.ask ?? null,
    asked_because: state === "hidden" ? null : because,
    role: question.role ?? null,
    state,
    sensitivity: question.sensitivity ?? "ordinary",
    via_forwarding: viaForwarding,
    kind: kindView(question, rows),
    answer: state === "hidden" ? { shown: "none" } : answerView(question, answer, isProtected),
    faults,
    later: form.later.has(path),
    rows: rows.map((row) => ({
      id: row.id,
      questions: (question.questions ?? []).map((inner) =>
        questionView(
          inner,
          `${question.id}/${row.id}/${inner.id}`,
          step,
          inner.state ?? "visible_required",
          row.answers[inner.id],
          form,
          isProtected,
        ),
      ),
    })),
  };
}

/** In an optional group an empty row demands nothing. */
function demands(group: QuestionView, row: QuestionView["rows"][number]): boolean {
  return group.state === "visible_required" || (group.state === "visible" && row.questions.some(({ answer }) => answer.shown !== "none"));
}

export function formView(definition: FakeDefinition, form: FakeState, isProtected: boolean): FormView {
  const state = states(definition, form, isProtected);
  const questions = definition.steps.flatMap((step) =>
    step.questions.map((question) =>
      questionView(
        question,
        question.id,
        step.id,
        state.of.get(question.id) ?? "visible",
        form.answers[question.id],
        form,
        isProtected,
        state.because.get(question.id) ?? null,
      ),
    ),
  );
  const all = questions.flatMap((question) => [question, ...question.rows.flatMap((row) => row.questions)]);
  const demanded = questions.flatMap((question) => [question, ...question.rows.filter((row) => demands(question, row)).flatMap((row) => row.questions)]);
  const remaining = demanded.filter(
    (question) =>
      question.state === "visible_required" &&
      question.answer.shown === "none" &&
      !question.via_forwarding &&
      isAsked(question.kind.kind),
  );
  const steps: StepView[] = definition.steps.map((step) => ({
    id: step.id,
    title: step.title,
    remaining: remaining.filter((question) => question.step === step.id).length,
    faults: all.filter((question) => question.step === step.id && question.faults.length > 0).length,
    visited: form.leftSteps.has(step.id),
    later: all.filter((question) => question.step === step.id && question.later).length,
  }));
  return {
    rev: form.rev,
    position: form.position,
    steps,
    questions,
    remaining: remaining.map(({ path, label, step }) => ({ question: path, label, step })),
    sendable: !all.some(
      (question) =>
        question.state !== "hidden" &&
        (question.kind.kind === "stop" || question.faults.some((fault) => !MISSING.includes(fault.code))),
    ),
    complete: remaining.length === 0,
  };
}

function find(definition: FakeDefinition, id: string): FakeQuestion | undefined {
  return definition.steps.flatMap((step) => step.questions).find((question) => question.id === id);
}

/** The answers that a path points into, and the id it points at. */
function locate(answers: Answers, path: string): [Answers, string] {
  const [group = "", row, inner] = path.split("/");
  if (row === undefined || inner === undefined) return [answers, group];
  const rows = answers[group];
  const found = rows?.type === "rows" ? rows.rows.find(({ id }) => id === row) : undefined;
  return [found?.answers ?? {}, inner];
}

function rowsOf(answers: Answers, question: string): Row[] {
  const answer = answers[question];
  return answer?.type === "rows" ? answer.rows : [];
}

function filesOf(answers: Answers, id: string): FileRef[] {
  const answer = answers[id];
  return answer?.type === "files" ? answer.files : [];
}

function put(answers: Answers, id: string, answer: Answer, empty: boolean): void {
  if (empty) delete answers[id];
  else answers[id] = answer;
}

function perform(definition: FakeDefinition, form: FakeState, op: Op): void {
  switch (op.op) {
    case "set": {
      const [answers, id] = locate(form.answers, op.question);
      const { answer } = op;
      const empty =
        (answer.type === "text" && answer.text.trim() === "") || (answer.type === "choice" && answer.choices.length === 0);
      put(answers, id, answer, empty);
      if (!empty) form.later.delete(op.question);
      break;
    }
    case "clear": {
      const [answers, id] = locate(form.answers, op.question);
      delete answers[id];
      break;
    }
    case "add_row":
      if (!find(definition, op.question)) break;
      form.answers[op.question] = {
        type: "rows",
        rows: [...rowsOf(form.answers, op.question), { id: op.row, answers: {} }],
      };
      break;
    case "remove_row": {
      const rows = rowsOf(form.answers, op.question).filter(({ id }) => id !== op.row);
      put(form.answers, op.question, { type: "rows", rows }, rows.length === 0);
      break;
    }
    case "attach": {
      const [answers, id] = locate(form.answers, op.question);
      answers[id] = { type: "files", files: [...filesOf(answers, id), op.file] };
      break;
    }
    case "detach": {
      const [answers, id] = locate(form.answers, op.question);
      const files = filesOf(answers, id).filter((file) => file.id !== op.file);
      put(answers, id, { type: "files", files }, files.length === 0);
      break;
    }
    case "later":
      if (op.on) form.later.add(op.question);
      else form.later.delete(op.question);
      break;
    case "leave":
      form.left.add(op.question);
      break;
    case "go_to":
      form.leftSteps.add(form.position);
      form.position = op.step;
      break;
    case "try_submit":
      form.tried = true;
      break;
  }
}

/** Applies the operations and says which questions look different. */
export function applyOps(definition: FakeDefinition, form: FakeState, ops: Op[], isProtected: boolean): Delta {
  const before = new Map(
    formView(definition, form, isProtected).questions.map((question) => [question.path, JSON.stringify(question)]),
  );
  form.answers = structuredClone(form.answers);
  for (const op of ops) perform(definition, form, op);
  form.rev += 1;
  const { questions, ...rest } = formView(definition, form, isProtected);
  return { ...rest, changed: questions.filter((question) => before.get(question.path) !== JSON.stringify(question)) };
}
