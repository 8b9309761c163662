import { ipcError } from "../ipc";
import type {
  Backend,
  CallView,
  CaseStatus,
  Changed,
  Commands,
  CopyView,
  DeskView,
  Difference,
  Found,
  HealthView,
  Preferences,
  RevealTarget,
  RevisionView,
  SessionView,
  VersionChange,
} from "../ipc";
import { Call } from "./call";
import { Observable, same } from "./observable";
import type { Dialog, Done, Place } from "./place";
import { isOpen } from "./session";
import { statusChanged } from "./status";

/** The core waits two seconds for the answer. */
const HAND_OVER_MS = 1_500;
/** Pause between two attempts to save under a cover. */
const TRY_AGAIN_MS = 2_000;

/** Everything on screen and what the worker can do with it. */
export class Workspace {
  readonly desk = new Observable<DeskView | null>(null);
  readonly call = new Observable<Call | null>(null);
  readonly place = new Observable<Place>({ at: "catalogue" });
  readonly dialog = new Observable<Dialog | null>(null);
  /** `auto`: where there is room for three panes. */
  readonly callPane = new Observable<"auto" | "shown" | "hidden">("auto");
  readonly askView = new Observable(true);
  /** Code of the last thing that did not succeed, until the next one or until it is put away. */
  readonly problem = new Observable<string | null>(null);
  /** What the worker just did and may want to undo, until the next thing. */
  readonly done = new Observable<Done | null>(null);
  /** Said politely to a screen reader; the number makes the same words count again. */
  readonly announcement = new Observable<{ text: string; turn: number }>({ text: "", turn: 0 });
  /** It is about to lock, because nobody has been there for long. */
  readonly idleWarning = new Observable(false);
  /** Why something typed is not saved, for the screen that covers it. */
  readonly unsaved = new Observable<string | null>(null);
  readonly #calls = new Map<string, Call>();
  #saving = false;
  #refreshing: Promise<void> | null = null;
  #refreshAgain = false;
  #asked = 0;
  #answered = 0;

  constructor(
    readonly backend: Backend,
    readonly session: Observable<SessionView>,
    readonly preferences: Observable<Preferences>,
  ) {}

  static async open(backend: Backend): Promise<Workspace> {
    const [session, preferences] = await Promise.all([backend.commands.session(), backend.commands.preferences()]);
    const workspace = new Workspace(backend, new Observable(session), new Observable(preferences));
    backend.onChanged((changed) => workspace.#heard(changed));
    backend.onFlush(() => void workspace.handOver());
    if (session.covered) void workspace.handOver();
    else if (session.state === "open") await workspace.#enter();
    return workspace;
  }

  // --- the session

  async refreshSession(): Promise<void> {
    await this.#quietly(() => this.#askSession(() => this.backend.commands.session()));
  }

  /** From the open desk too, when the municipality asks for it; then everything typed is saved first. */
  async signIn(): Promise<void> {
    if (!(await this.#flushAll())) return;
    await this.#attempt(() => this.#askSession(() => this.backend.commands.sign_in()));
  }

  async cancelSignIn(): Promise<void> {
    await this.#attempt(() => this.#askSession(() => this.backend.commands.cancel_sign_in()));
  }

  /** Out of sight at once; the core asks for everything typed, and says when the lock is full. */
  async lock(): Promise<void> {
    await this.#sessionIs({ ...this.session.value, covered: true, lock_reason: "worker", problem: null });
    await this.#attempt(() => this.#askSession(() => this.backend.commands.lock()));
  }

  async unlock(pin: string): Promise<void> {
    await this.#attempt(() => this.#askSession(() => this.backend.commands.unlock({ pin })));
  }

  /** Another PIN, or none. Answers why it was not set. */
  async setPin(pin: string | null): Promise<string | null> {
    try {
      await this.#askSession(() => this.backend.commands.set_pin({ pin }));
      return null;
    } catch (thrown) {
      return ipcError(thrown).code;
    }
  }

  /** How the application is doing, or why that cannot be told. */
  async health(): Promise<HealthView | string> {
    return this.#orCode(() => this.backend.commands.health());
  }

  /** Fresh keys for everything; how it is doing afterwards, or why they were not changed. */
  async changeKeys(): Promise<HealthView | string> {
    return this.#orCode(() => this.backend.commands.change_keys());
  }

  /** The log as a signed file, where the worker chooses; `false` when nothing was chosen. */
  async exportLog(): Promise<boolean | string> {
    return this.#orCode(() => this.backend.commands.export_log());
  }

  /** A sealed copy of everything, where the worker chooses; `null` when nothing was chosen. */
  async saveCopy(): Promise<CopyView | null | string> {
    return this.#orCode(() => this.backend.commands.save_copy());
  }

  /** The worker is there. */
  async active(): Promise<void> {
    this.idleWarning.set(false);
    if (isOpen(this.session.value)) await this.#quietly(() => this.backend.commands.active());
  }

  async signOut(): Promise<void> {
    if (!(await this.#flushAll())) return;
    await this.#attempt(() => this.#askSession(() => this.backend.commands.sign_out()));
  }

  async setPreferences(preferences: Preferences): Promise<void> {
    await this.#attempt(async () => this.preferences.set(await this.backend.commands.set_preferences({ preferences })));
  }

  // --- calls

  async startCall(): Promise<Call | null> {
    return this.#attempt(async () => {
      this.leaveCall();
      const call = this.#know(await this.backend.commands.start_call());
      this.call.set(call);
      this.callPane.set("shown");
      this.place.set({ at: "catalogue" });
      void this.refreshDesk();
      return call;
    });
  }

  /** Brings a call on screen, with one of its cases or its newest. */
  async openCall(id: string, draft?: string | null): Promise<void> {
    await this.#attempt(async () => {
      if (this.call.value?.id !== id) this.leaveCall();
      this.#show(await this.backend.commands.open_call({ call: id }), draft);
    });
  }

  async endCall(): Promise<void> {
    const call = this.call.value;
    if (!call) return;
    await this.#attempt(async () => {
      call.take(await call.saver.between(() => this.backend.commands.end_call({ call: call.id })));
      void this.refreshDesk();
    });
  }

  /** Begins a case in the call on screen, or in a new one. */
  async chooseService(service: string): Promise<void> {
    const call = this.call.value ?? (await this.startCall());
    if (!call) return;
    await this.#attempt(async () => {
      const before = new Set(call.cases.value.map(({ draft }) => draft));
      call.take(await this.backend.commands.choose_service({ call: call.id, service }));
      const begun = call.cases.value.findLast(({ draft }) => !before.has(draft)) ?? call.cases.value.at(-1);
      if (begun) this.place.set({ at: "case", draft: begun.draft, reading: false });
      void this.refreshDesk();
    });
  }

  /** Masks what is on screen and saves it, before another call takes its place. */
  leaveCall(): void {
    const call = this.call.value;
    if (!call) return;
    call.mask();
    void call.flush();
  }

  // --- protection

  async protect(): Promise<void> {
    const call = this.call.value;
    if (!call) return;
    call.showProtected();
    await this.#attempt(async () => {
      call.take(await this.backend.commands.protect({ call: call.id }));
      // Answers that were on their way come back masked.
      await call.flush();
      call.take(await this.backend.commands.open_call({ call: call.id }));
      void this.refreshDesk();
    });
  }

  async lowerProtection(reason: string): Promise<boolean> {
    const call = this.call.value;
    if (!call) return false;
    const lowered = await this.#attempt(async () => {
      call.take(await this.backend.commands.lower_protection({ call: call.id, reason }));
      void this.refreshDesk();
      return true;
    });
    return lowered === true;
  }

  /** One masked value; `null` when it could not be had. */
  async reveal(target: RevealTarget): Promise<string | null> {
    const call = this.call.value;
    if (!call) return null;
    return this.#attempt(() => this.backend.commands.reveal({ call: call.id, target }));
  }

  // --- sending

  /** Freezes the case; what is shown afterwards is what the core says, never more. */
  async submit(draft: string): Promise<void> {
    const call = this.call.value;
    const form = call?.form(draft);
    if (!call || !form) return;
    await this.#attempt(async () => {
      call.takeCase(await form.saver.between(() => this.backend.commands.submit({ draft })));
      this.place.set({ at: "case", draft, reading: false });
      void this.refreshDesk();
    });
  }

  async reopen(draft: string): Promise<void> {
    const call = this.call.value;
    if (!call) return;
    await this.#attempt(async () => {
      call.take(await this.backend.commands.reopen({ draft }));
      this.place.set({ at: "case", draft, reading: false });
      void this.refreshDesk();
    });
  }

  /** Takes a case back; resolves to where it stands then, `null` when that could not be told. */
  async withdraw(draft: string): Promise<CaseStatus["state"] | null> {
    const call = this.call.value;
    if (!call) return null;
    return this.#attempt(async () => {
      call.take(await this.backend.commands.withdraw({ draft }));
      void this.refreshDesk();
      return call.cases.value.find((each) => each.draft === draft)?.status.state ?? null;
    });
  }

  /** What the newest version of the e-service would make of the draft; `null` when it could not be told. */
  async versionChange(draft: string): Promise<VersionChange | null> {
    const form = this.call.value?.form(draft);
    if (!form) return null;
    return this.#attempt(() => form.saver.between(() => this.backend.commands.version_change({ draft })));
  }

  async takeNewerVersion(draft: string): Promise<boolean> {
    const call = this.call.value;
    const form = call?.form(draft);
    if (!call || !form) return false;
    const taken = await this.#attempt(async () => {
      call.take(await form.saver.between(() => this.backend.commands.take_newer_version({ draft })));
      void this.refreshDesk();
      return true;
    });
    return taken === true;
  }

  // --- earlier states, and how long a draft stays

  async revisions(draft: string): Promise<RevisionView[] | null> {
    return this.#withCase(draft, (commands) => commands.revisions({ draft }));
  }

  async compare(draft: string, revision: string): Promise<Difference[] | null> {
    return this.#withCase(draft, (commands) => commands.compare_revision({ draft, revision }));
  }

  async restore(draft: string, revision: string): Promise<boolean> {
    return this.#goBack(draft, (commands) => commands.restore_revision({ draft, revision }));
  }

  /** Back to the newest earlier state; resolves to which change that took away, `null` when there was none. */
  async undo(draft: string): Promise<RevisionView | null> {
    const newest = (await this.revisions(draft))?.[0];
    if (!newest || !(await this.#goBack(draft, (commands) => commands.undo({ draft })))) return null;
    return newest;
  }

  async discard(draft: string): Promise<boolean> {
    return this.#changeCase(draft, (commands) => commands.discard({ draft }));
  }

  async extend(draft: string, reason: string): Promise<boolean> {
    return this.#changeCase(draft, (commands) => commands.extend({ draft, reason }));
  }

  /** A draft that was thrown away comes back on screen, whichever call it is of. */
  async takeBack(draft: string): Promise<boolean> {
    const taken = await this.#attempt(async () => {
      const view = await this.backend.commands.take_back({ draft });
      if (this.call.value?.id !== view.id) this.leaveCall();
      this.#show(view, draft);
      void this.refreshDesk();
      return true;
    });
    return taken === true;
  }

  /** For good. */
  async erase(draft: string): Promise<boolean> {
    const erased = await this.#attempt(async () => {
      this.desk.set(await this.backend.commands.erase({ draft }));
      const call = this.call.value;
      if (call?.form(draft)) {
        this.place.set({ at: "catalogue" });
        call.take(await this.backend.commands.open_call({ call: call.id }));
      }
      return true;
    });
    return erased === true;
  }

  // --- finding

  /** Protected cases are found only `within` their own call. `null` when the search could not be done. */
  async search(query: string, within: string | null): Promise<Found | null> {
    return this.#quietly(() => this.backend.commands.search({ query, within }));
  }

  async retryNow(): Promise<void> {
    await this.#attempt(async () => {
      const link = await this.backend.commands.retry_now();
      const desk = this.desk.value;
      if (desk) this.desk.set({ ...desk, link });
    });
  }

  // --- the desk

  /** Asks again what the queue and the footer show; several wishes at once become one. */
  async refreshDesk(): Promise<void> {
    if (this.#refreshing) {
      this.#refreshAgain = true;
      return this.#refreshing;
    }
    this.#refreshing = this.#refresh();
    await this.#refreshing;
    this.#refreshing = null;
    if (this.#refreshAgain) {
      this.#refreshAgain = false;
      await this.refreshDesk();
    }
  }

  announce(text: string): void {
    this.announcement.set({ text, turn: this.announcement.value.turn + 1 });
  }

  /** On screen until the worker does something else, and politely aloud. */
  say(text: string, undo?: () => void): void {
    this.done.set(undo ? { text, undo } : { text });
    this.announce(text);
  }

  /** The window closes or locks: tells the core whether everything typed is saved. */
  async handOver(): Promise<void> {
    const [saved] = await Promise.all([within(HAND_OVER_MS, this.#handedOver()), this.refreshSession()]);
    await this.#quietly(() => this.backend.commands[saved ? "flushed" : "not_saved"]());
    if (!saved) await this.#saveUnderCover();
  }

  get calls(): Call[] {
    return [...this.#calls.values()];
  }

  async #refresh(): Promise<void> {
    const { state, covered } = this.session.value;
    if (state !== "open" || covered) return;
    await this.#quietly(async () => {
      const desk = await this.backend.commands.desk();
      if (!same(desk, this.desk.value)) this.desk.set(desk);
      const call = this.call.value;
      if (call && statusChanged(desk, call)) call.take(await this.backend.commands.open_call({ call: call.id }));
    });
  }

  async #enter(): Promise<void> {
    await this.refreshDesk();
    const resume = this.desk.value?.resume;
    if (resume) await this.openCall(resume);
  }

  /** An answer that was overtaken by the answer to a later question says nothing. */
  async #askSession(ask: () => Promise<SessionView>): Promise<void> {
    const turn = ++this.#asked;
    const session = await ask();
    if (turn < this.#answered) return;
    this.#answered = turn;
    await this.#sessionIs(session);
  }

  async #sessionIs(session: SessionView): Promise<void> {
    const was = this.session.value;
    if (isOpen(was) && !isOpen(session)) this.#forget();
    if (session.covered) this.#hide();
    this.session.set(session);
    if (session.state !== "open" || session.covered) return;
    if (!isOpen(was) || (was.covered && this.desk.value === null)) await this.#enter();
    else if (was.covered) await this.refreshDesk();
  }

  #heard(changed: Changed): void {
    if (changed.what === "session") void this.refreshSession();
    else if (changed.what === "desk") void this.refreshDesk();
    else this.idleWarning.set(true);
  }

  /** Nothing that was revealed or begun comes back when the cover is taken off. */
  #hide(): void {
    this.call.value?.mask();
    this.dialog.set(null);
    this.done.set(null);
    this.idleWarning.set(false);
  }

  /** Everything typed is with the core; what it will never take counts as not saved. */
  async #handedOver(): Promise<boolean> {
    const saved = await this.#flushAll();
    return saved && this.#whyUnsaved() === null;
  }

  /** Keeps trying while nothing can be seen, and says when it has succeeded: then the core locks. */
  async #saveUnderCover(): Promise<void> {
    if (this.#saving) return;
    this.#saving = true;
    while (this.session.value.covered) {
      this.unsaved.set(this.#whyUnsaved() ?? "no_answer");
      await pause(TRY_AGAIN_MS);
      if (!this.session.value.covered || !(await this.#handedOver())) continue;
      await this.#quietly(() => this.backend.commands.flushed());
      break;
    }
    this.#saving = false;
    this.unsaved.set(null);
  }

  #whyUnsaved(): string | null {
    for (const call of this.calls) {
      const { value } = call.saving;
      const why = value.state === "failed" ? value.code : call.refusal;
      if (why !== null) return why;
    }
    return null;
  }

  #forget(): void {
    for (const call of this.#calls.values()) {
      call.saver.stop();
      for (const form of call.forms) form.saver.stop();
    }
    this.#calls.clear();
    this.call.set(null);
    this.desk.set(null);
    this.place.set({ at: "catalogue" });
    this.dialog.set(null);
    this.problem.set(null);
    this.done.set(null);
  }

  async #flushAll(): Promise<boolean> {
    const saved = await Promise.all(this.calls.map((call) => call.flush()));
    return saved.every(Boolean);
  }

  #know(view: CallView): Call {
    const known = this.#calls.get(view.id);
    if (known) {
      known.take(view);
      return known;
    }
    const call = new Call(view, this.backend.commands);
    this.#calls.set(view.id, call);
    return call;
  }

  #show(view: CallView, draft?: string | null): void {
    const call = this.#know(view);
    this.call.set(call);
    const shown = draft ?? call.cases.value.at(-1)?.draft;
    this.place.set(shown ? { at: "case", draft: shown, reading: false } : { at: "catalogue" });
  }

  /** Something with a case of the call on screen, after all that was typed in it is saved. */
  async #withCase<T>(draft: string, work: (commands: Commands) => Promise<T>): Promise<T | null> {
    const form = this.call.value?.form(draft);
    if (!form) return null;
    return this.#attempt(() => form.saver.between(() => work(this.backend.commands)));
  }

  async #changeCase(draft: string, work: (commands: Commands) => Promise<CallView>): Promise<boolean> {
    const call = this.call.value;
    const view = await this.#withCase(draft, work);
    if (!call || !view) return false;
    call.take(view);
    void this.refreshDesk();
    return true;
  }

  /** To the form too: what was read aloud before is not what stands there now. */
  async #goBack(draft: string, work: (commands: Commands) => Promise<CallView>): Promise<boolean> {
    const gone = await this.#changeCase(draft, work);
    if (gone) this.place.set({ at: "case", draft, reading: false });
    return gone;
  }

  /** What the worker asked for: what was said of the thing before it is put away. */
  async #attempt<T>(work: () => Promise<T>): Promise<T | null> {
    this.problem.set(null);
    this.done.set(null);
    return this.#quietly(work);
  }

  async #orCode<T>(work: () => Promise<T>): Promise<T | string> {
    try {
      return await work();
    } catch (thrown) {
      return ipcError(thrown).code;
    }
  }

  async #quietly<T>(work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (thrown) {
      this.problem.set(ipcError(thrown).code);
      return null;
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** `false` too when it is not known in time. */
async function within(ms: number, known: Promise<boolean>): Promise<boolean> {
  return Promise.race([known, pause(ms).then(() => false)]);
}
