import type { Answer, Applied, Commands, Delta, Fault, FileTraces, FormView, IpcError, Op, QuestionView } from "../ipc";
import { Observable, same } from "./observable";
import { Saver } from "./saver";

/** A question as drawn: rows name the paths of their questions, so that each field redraws alone. */
export type Question = Omit<QuestionView, "rows"> & { rows: { id: string; paths: string[] }[] };

export interface Field {
  question: Question;
  /** What the worker has typed and the core has not answered yet; `null` for emptied. */
  typed: Answer | null | undefined;
  /** Why the core will not keep what is on screen. */
  refused: string | null;
}

/** A fault that may be shown now, and where. */
export interface FaultAt {
  path: string;
  label: string;
  step: string;
  fault: Fault;
}

/** What was taken out of a file when it was attached, and whether it may still tell more than it shows. */
export type Cleaned = FileTraces;

/** What concerns the whole form. */
export type Outline = Pick<FormView, "position" | "steps" | "remaining" | "sendable" | "complete"> & {
  /** Paths of the questions that are asked now, by step. */
  asked: { [step: string]: string[] };
  /** In the form's order. */
  faults: FaultAt[];
};

/** One draft's form: echoes what is typed, saves it in order and draws what the core answers. */
export class Form {
  readonly saver: Saver<Op, Applied>;
  readonly outline: Observable<Outline>;
  readonly saved: Observable<{ at: string; confirmed: boolean }>;
  /** Labels of questions that an answer has made appear, the latest. */
  readonly appeared = new Observable<string[]>([]);
  /** By the id of a file that was attached here. */
  readonly cleaned = new Observable<{ [file: string]: Cleaned }>({});
  readonly #fields = new Map<string, Observable<Field>>();
  /** Top-level paths in the form's order. */
  #order: string[] = [];
  #rev = -1;
  #focused: string | null = null;
  /** Questions whose answer has changed since their field was left. */
  readonly #touched = new Set<string>();

  constructor(
    readonly draft: string,
    private readonly commands: Commands,
    view: FormView,
    saved: { at: string; confirmed: boolean },
  ) {
    this.saved = new Observable(saved);
    this.saver = new Saver<Op, Applied>({
      send: (ops) => this.commands.apply({ draft, ops }),
      key: (op) => opKey(op),
      saved: (applied, ops) => this.#saved(applied, ops),
      refused: (op, error) => this.#refused(op, error),
    });
    this.outline = new Observable<Outline>({ ...summary(view), asked: {}, faults: [] });
    this.take(view);
  }

  /** The whole form from the core; an older one is ignored, and that is answered. */
  take(view: FormView): boolean {
    if (view.rev < this.#rev) return false;
    this.#rev = view.rev;
    this.#order = view.questions.map(({ path }) => path);
    for (const question of view.questions) this.#put(question);
    this.#outline(view);
    return true;
  }

  field(path: string): Observable<Field> | undefined {
    return this.#fields.get(path);
  }

  /** Text as it is typed. */
  type(path: string, text: string): void {
    this.#echo(path, text === "" ? null : { type: "text", text });
    this.saver.later(operation(answerOp(path, text === "" ? null : { type: "text", text })));
  }

  /** A choice or a confirmation; `null` takes it away. */
  answer(path: string, answer: Answer | null): void {
    this.#echo(path, answer);
    this.saver.now(operation(answerOp(path, answer)));
  }

  /** Shows a revealed answer for editing, without changing it. */
  edit(path: string, text: string): void {
    this.#focused = path;
    this.#change(path, (field) => ({ ...field, typed: { type: "text", text } }));
  }

  entered(path: string): void {
    this.#focused = path;
  }

  left(path: string): void {
    if (this.#focused === path) this.#focused = null;
    this.#settle(path);
    if (this.#touched.delete(path)) this.saver.now(operation({ op: "leave", question: path }));
  }

  /** The field is no longer drawn; a browser says nothing of a focus that went with it. */
  gone(path: string): void {
    if (this.#focused === path) this.left(path);
  }

  goTo(step: string): void {
    this.outline.set({ ...this.outline.value, position: step });
    this.saver.now(operation({ op: "go_to", step }));
  }

  askLater(path: string, on: boolean): void {
    this.saver.now(operation({ op: "later", question: path, on }));
  }

  addRow(path: string): void {
    this.saver.now(operation({ op: "add_row", question: path, row: crypto.randomUUID() }));
  }

  removeRow(path: string, row: string): void {
    this.saver.now(operation({ op: "remove_row", question: path, row }));
  }

  /** Opens the file dialog of the core; what was typed before is saved first. Resolves to the file's name. */
  async attach(path: string): Promise<string | null> {
    const applied = await this.saver.between(() => this.commands.attach({ draft: this.draft, question: path }));
    if (!applied) return null;
    this.#saved(applied, []);
    const answer = this.#fields.get(path)?.value.question.answer;
    const file = answer?.shown === "plain" && answer.answer.type === "files" ? answer.answer.files.at(-1) : undefined;
    if (!file) return null;
    if (applied.traces) this.cleaned.set({ ...this.cleaned.value, [file.id]: applied.traces });
    return file.name;
  }

  detach(path: string, file: string): void {
    this.saver.now(operation({ op: "detach", question: path, file }));
  }

  /** Everything may be said now; resolves when the core has said it. */
  async trySubmit(): Promise<boolean> {
    this.saver.now(operation({ op: "try_submit" }));
    return this.saver.flush();
  }

  /** Why the core will never take something that is still on screen. */
  get refusal(): string | null {
    for (const { value } of this.#fields.values()) if (value.refused !== null) return value.refused;
    return null;
  }

  /** Takes what the core has masked off the screen; what is not saved yet stays. */
  mask(): void {
    this.#focused = null;
    for (const path of this.#fields.keys()) this.#settle(path);
  }

  #echo(path: string, answer: Answer | null): void {
    this.#touched.add(path);
    this.#change(path, (field) => ({ ...field, typed: answer, refused: null }));
  }

  #saved(applied: Applied, ops: Op[]): void {
    this.#delta(applied.delta);
    this.saved.set({ at: applied.saved_at, confirmed: applied.confirmed });
    for (const op of ops) if (op.op === "set" || op.op === "clear") this.#settle(op.question);
  }

  #delta(delta: Delta): void {
    if (delta.rev < this.#rev) return;
    this.#rev = delta.rev;
    for (const question of delta.changed) this.#put(question);
    this.#outline(delta);
  }

  #refused(op: Op, error: IpcError): void {
    if (!("question" in op)) return;
    const { question } = op;
    const hidden = this.#fields.get(question)?.value.question.state === "hidden";
    this.#change(question, (field) => ({ ...field, refused: hidden || op.op === "leave" ? null : error.code }));
  }

  /** What was typed gives way to the core's answer, unless it is newer or its field is being typed in. */
  #settle(path: string): void {
    const field = this.#fields.get(path)?.value;
    if (field?.typed === undefined || field.refused !== null || this.saver.waits(answerKey(path))) return;
    if (field.question.answer.shown === "masked" && this.#focused === path) return;
    this.#change(path, (current) => ({ ...current, typed: undefined }));
  }

  #change(path: string, change: (field: Field) => Field): void {
    const field = this.#fields.get(path);
    if (field) field.set(change(field.value));
  }

  #put(view: QuestionView): void {
    const { rows, ...rest } = view;
    for (const row of rows) for (const question of row.questions) this.#put(question);
    const question: Question = {
      ...rest,
      rows: rows.map(({ id, questions }) => ({ id, paths: questions.map(({ path }) => path) })),
    };
    const field = this.#fields.get(view.path);
    if (!field) this.#fields.set(view.path, new Observable<Field>({ question, typed: undefined, refused: null }));
    else if (!same(field.value.question, question)) field.set({ ...field.value, question });
  }

  #outline(view: Summary): void {
    const asked: Outline["asked"] = {};
    const faults: FaultAt[] = [];
    const look = (path: string): Question | null => {
      const question = this.#fields.get(path)?.value.question;
      if (!question || question.state === "hidden") return null;
      const { label, step } = question;
      for (const fault of question.faults.slice(0, 1)) faults.push({ path, label, step, fault });
      for (const row of question.rows) row.paths.forEach(look);
      return question;
    };
    for (const path of this.#order) {
      const question = look(path);
      if (question) (asked[question.step] ??= []).push(path);
    }
    const outline = { ...summary(view), asked, faults };
    // A step that the worker has gone to since is not taken back by an answer to something earlier.
    if (!this.saver.idle && this.saver.waits("go_to")) outline.position = this.outline.value.position;
    const before = this.outline.value;
    if (same(outline, before)) return;
    this.outline.set(outline);
    if (outline.position !== before.position) return;
    const known = new Set(before.asked[outline.position]);
    const appeared = (outline.asked[outline.position] ?? []).filter((path) => !known.has(path));
    if (known.size > 0 && appeared.length > 0)
      this.appeared.set(appeared.map((path) => this.#fields.get(path)?.value.question.label ?? ""));
  }
}

type Summary = Omit<Outline, "asked" | "faults">;

function summary({ position, steps, remaining, sendable, complete }: Summary): Summary {
  return { position, steps, remaining, sendable, complete };
}

type WithoutId<T> = T extends { id: string } ? Omit<T, "id"> : never;
type OpKind = WithoutId<Op>;

function operation(kind: OpKind): Op {
  return { id: crypto.randomUUID(), ...kind };
}

function answerOp(question: string, answer: Answer | null): OpKind {
  return answer === null ? { op: "clear", question } : { op: "set", question, answer };
}

function answerKey(path: string): string {
  return `answer ${path}`;
}

function opKey(op: Op): string | null {
  switch (op.op) {
    case "set":
    case "clear":
      return answerKey(op.question);
    case "leave":
      return `leave ${op.question}`;
    case "go_to":
      return "go_to";
    case "later":
      return `later ${op.question}`;
    default:
      return null;
  }
}
