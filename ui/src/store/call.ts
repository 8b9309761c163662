import type { CallChange, CallView, CaseView, Commands, IdentityLevel, Language } from "../ipc";
import { Form } from "./form";
import { Observable, same } from "./observable";
import { Saver, type Saving } from "./saver";

/** The texts of a call that are typed. */
export type CallText = "note" | "asked_for" | "caller_name" | "caller_phone" | "caller_identity_number";

/** A case without its form, which has a store of its own. */
export type Case = Omit<CaseView, "form" | "confirmed" | "saved_at">;
/** A call without its cases. */
export type CallHead = Omit<CallView, "cases">;

type Typed = { [field in CallText]?: string };

/** One call on screen: what is typed about the caller is saved in order, beside the forms. */
export class Call {
  readonly id: string;
  readonly head: Observable<CallHead>;
  readonly cases: Observable<Case[]>;
  readonly typed = new Observable<Typed>({});
  readonly refused = new Observable<{ [field in CallText]?: string }>({});
  readonly saver: Saver<CallChange, CallView>;
  /** The worst of all that is typed in the call: one thing not saved means that the call is not saved. */
  readonly saving = new Observable<Saving>({ state: "saved" });
  readonly #forms = new Map<string, Form>();
  #focused: CallText | null = null;

  constructor(
    view: CallView,
    private readonly commands: Commands,
  ) {
    this.id = view.id;
    this.head = new Observable<CallHead>(headOf(view));
    this.cases = new Observable<Case[]>([]);
    this.saver = new Saver<CallChange, CallView>({
      send: (changes) => commands.change_call({ call: view.id, changes }),
      key: ({ field }) => field,
      saved: (answer, changes) => {
        this.take(answer);
        for (const { field } of changes) if (isText(field)) this.#settle(field);
      },
      refused: ({ field }, error) => {
        if (isText(field)) this.refused.set({ ...this.refused.value, [field]: error.code });
      },
    });
    this.saver.saving.subscribe(() => this.#sum());
    this.take(view);
  }

  /** The call from the core; an older one is ignored, its forms judged one by one. */
  take(view: CallView): void {
    const head = headOf(view);
    if (head.rev >= this.head.value.rev && !same(head, this.head.value)) this.head.set(head);
    if (head.rev < this.head.value.rev) return;
    for (const each of view.cases) this.#takeForm(each);
    for (const [draft, form] of this.#forms) {
      if (view.cases.some((each) => each.draft === draft)) continue;
      form.saver.stop();
      this.#forms.delete(draft);
    }
    const cases = view.cases.map(caseOf);
    if (!same(cases, this.cases.value)) this.cases.set(cases);
  }

  /** One case of the call, such as after sending it. */
  takeCase(view: CaseView): void {
    this.#takeForm(view);
    this.cases.set(this.cases.value.map((each) => (each.draft === view.draft ? caseOf(view) : each)));
  }

  form(draft: string): Form | undefined {
    return this.#forms.get(draft);
  }

  get forms(): Form[] {
    return [...this.#forms.values()];
  }

  type(field: CallText, value: string): void {
    this.typed.set({ ...this.typed.value, [field]: value });
    const { [field]: _, ...refused } = this.refused.value;
    this.refused.set(refused);
    this.saver.later({ field, value });
  }

  /** Shows a revealed text for editing, without changing it. */
  edit(field: CallText, text: string): void {
    this.#focused = field;
    this.typed.set({ ...this.typed.value, [field]: text });
  }

  entered(field: CallText): void {
    this.#focused = field;
  }

  left(field: CallText): void {
    if (this.#focused === field) this.#focused = null;
    this.#settle(field);
    void this.saver.flush();
  }

  /** The field is no longer drawn; a browser says nothing of a focus that went with it. */
  gone(field: CallText): void {
    if (this.#focused === field) this.left(field);
  }

  setIdentityLevel(value: IdentityLevel): void {
    this.head.set({ ...this.head.value, identity_level: value });
    this.saver.now({ field: "identity_level", value });
  }

  setLanguage(value: Language): void {
    this.head.set({ ...this.head.value, language: value });
    this.saver.now({ field: "language", value });
  }

  /** Violet at once; the core's answer follows. Nothing typed is held back by it. */
  showProtected(): void {
    this.head.set({ ...this.head.value, protected: true });
  }

  /** Hands over everything typed; resolves to whether all of it is saved. */
  async flush(): Promise<boolean> {
    const saved = await Promise.all([this.saver.flush(), ...this.forms.map((form) => form.saver.flush())]);
    return saved.every(Boolean);
  }

  /** Why the core will never take something that is still on screen. */
  get refusal(): string | null {
    const own = Object.values(this.refused.value)[0];
    return own ?? this.forms.map((form) => form.refusal).find((code) => code !== null) ?? null;
  }

  /** Takes what the core has masked off the screen; what is not saved yet stays. */
  mask(): void {
    this.#focused = null;
    for (const field of Object.keys(this.typed.value)) if (isText(field)) this.#settle(field);
    for (const form of this.forms) form.mask();
  }

  #takeForm(view: CaseView): void {
    const known = this.#forms.get(view.draft);
    const saved = { at: view.saved_at, confirmed: view.confirmed };
    if (!known) {
      const form = new Form(view.draft, this.commands, view.form, saved);
      form.saver.saving.subscribe(() => this.#sum());
      this.#forms.set(view.draft, form);
    } else if (known.take(view.form)) known.saved.set(saved);
  }

  #sum(): void {
    const all = [this.saver, ...this.forms.map(({ saver }) => saver)].map(({ saving }) => saving.value);
    const worst = all.find(({ state }) => state === "failed") ?? all.find(({ state }) => state === "saving");
    this.saving.set(worst ?? { state: "saved" });
  }

  #settle(field: CallText): void {
    const { [field]: typed, ...rest } = this.typed.value;
    if (typed === undefined || this.refused.value[field] !== undefined || this.saver.waits(field)) return;
    if (this.#focused === field && this.text(field).shown === "masked") return;
    this.typed.set(rest);
  }

  /** The text as the core shows it. */
  text(field: CallText): CallHead["name"] {
    const head = this.head.value;
    switch (field) {
      case "note":
        return { shown: "plain", text: head.note };
      case "asked_for":
        return { shown: "plain", text: head.asked_for };
      case "caller_name":
        return head.name;
      case "caller_phone":
        return head.phone;
      case "caller_identity_number":
        return head.identity_number;
    }
  }
}

function headOf({ cases: _, ...head }: CallView): CallHead {
  return head;
}

function caseOf({ form: _, confirmed: __, saved_at: ___, ...rest }: CaseView): Case {
  return rest;
}

function isText(field: string): field is CallText {
  return field !== "identity_level" && field !== "language";
}
