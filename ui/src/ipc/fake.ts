// A core that lives in the browser's memory: for tests and pictures of the UI, never in the application.
// The address chooses what it shows: ?scene=form&theme=dark&language=sv&link=unreachable&problem=disk_full
import type {
  Applied,
  CallChange,
  CallView,
  CaseAnswer,
  CaseView,
  Certificate,
  Changed,
  Commands,
  DeskView,
  Found,
  FoundRow,
  IpcError,
  LinkState,
  LinkView,
  Op,
  Preferences,
  QueueRow,
  RevealTarget,
  ServiceSummary,
  SessionView,
  Theme,
} from "./bindings";
import type { Backend } from "./backend";
import { applyOps, formView } from "./fake-form";
import type { FakeDefinition } from "./fake-form";
import { definition, definitions, newCall, newCase, newId, minutesAgo, sceneCalls } from "./fake-scenes";
import type { FakeCall, FakeCase } from "./fake-scenes";
import { PAGES, PAGE_SIZE } from "./fake-pages";
import { differences, extend, extensionsLeft, foundIn, goBack, remember, revisionViews } from "./fake-vault";
import type { FakeRevision } from "./fake-vault";
import { readBackOf } from "./fake-read-back";
import { callView, caseView, queueRow, serviceView, standingView, summaryOf } from "./fake-views";
import { FAKE_PIN, healthOf, openedSession, sessionOf } from "./fake-session";

/** How long the imagined municipality takes to answer. */
const ARRIVAL_MS = 300;

const THEMES: readonly Theme[] = ["system", "light", "dark", "contrast"];
const LINKS: readonly LinkState[] = [
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

function problem(code: string, retryable = false): IpcError {
  return { code, message: code, retryable };
}

function certificates(): Certificate[] {
  return [
    { id: newId(), reason: "arrived", policy: "receipt", at: minutesAgo(121) },
    { id: newId(), reason: "time_up", policy: "ordinary 14", at: minutesAgo(640) },
    { id: newId(), reason: "time_up", policy: "protected 1", at: minutesAgo(2_080) },
    { id: newId(), reason: "discarded", policy: "worker", at: minutesAgo(4_320) },
  ];
}

function pick<T extends string>(value: string | null, allowed: readonly T[], otherwise: T): T {
  return allowed.find((candidate) => candidate === value) ?? otherwise;
}

class FakeCore {
  readonly #changed = new Set<(what: Changed) => void>();
  readonly #calls: FakeCall[];
  readonly #hasCatalogue: boolean;
  /** What the address says of the rest of a large desk. */
  readonly #rest: { more: number; damaged: number; indexed: number };
  readonly #certificates: Certificate[] = certificates();
  #failing: string | null;
  #resume: string | null;
  #attached = 0;
  #link: LinkState;
  #linkSince = minutesAgo(27);
  readonly #clockAhead: number;
  #session: SessionView;
  readonly #scene: string;
  /** Asked for everything that was typed. */
  readonly #flush = new Set<() => void>();
  #handedOver: ((saved: boolean) => void) | null = null;
  #wrongPins = 0;
  #preferences: Preferences;

  constructor(address: URLSearchParams) {
    const scene = address.get("scene") ?? "form";
    const { calls, resume } = sceneCalls(scene);
    this.#calls = calls;
    this.#resume = resume;
    this.#hasCatalogue = scene !== "no-catalogue";
    this.#failing = address.get("failing");
    const count = (name: string, otherwise = 0): number => Number(address.get(name) ?? otherwise);
    this.#rest = { more: count("more"), damaged: count("damaged"), indexed: count("indexed", 100) };
    this.#link = pick(address.get("link"), LINKS, scene === "no-catalogue" ? "unreachable" : "connected");
    this.#preferences = {
      theme: pick(address.get("theme"), THEMES, "light"),
      language: pick(address.get("language"), ["sv", "en"], "sv"),
      text_size: 14,
    };
    this.#scene = scene;
    this.#clockAhead = count("clock");
    this.#session = sessionOf(scene, address.get("problem"));
  }

  readonly backend: Backend = {
    commands: this.#commands(),
    onChanged: (changed) => {
      this.#changed.add(changed);
      return () => void this.#changed.delete(changed);
    },
    onFlush: (flush) => {
      this.#flush.add(flush);
      return () => void this.#flush.delete(flush);
    },
  };

  #tell(what: "session" | "desk"): void {
    for (const changed of this.#changed) changed({ what });
  }

  #commands(): Commands {
    return {
      session: async () => this.#session,
      sign_in: async () => {
        this.#session = { ...this.#session, state: "signing_in", problem: null };
        setTimeout(() => {
          if (this.#session.state !== "signing_in") return;
          this.#session = { ...openedSession(false), pin: this.#session.pin };
          this.#tell("session");
        }, ARRIVAL_MS);
        return this.#session;
      },
      cancel_sign_in: async () =>
        (this.#session = { ...this.#session, state: "signed_out", problem: "sign_in_cancelled" }),
      sign_out: async () =>
        (this.#session = { ...this.#session, state: "signed_out", worker: null, storage: null, problem: null }),
      lock: async () => this.#lock(),
      unlock: async ({ pin }) => this.#unlock(pin),
      set_pin: async ({ pin }) => {
        if (pin !== null && pin.length < 6) throw problem("pin_too_short");
        return (this.#session = { ...this.#session, pin: { ...this.#session.pin, set: pin !== null, sign_in_first: pin === null } });
      },
      active: async () => null,
      health: async () => healthOf(this.#scene, this.#session, this.#linkView()),
      export_log: async () => true,
      save_copy: async () => {
        if (this.#failing !== null) throw problem(this.#failing);
        return { calls: this.#calls.length, drafts: this.#calls.flatMap(({ cases }) => cases).length };
      },
      change_keys: async () => {
        if (this.#failing !== null) throw problem(this.#failing);
        return healthOf(this.#scene, this.#session, this.#linkView());
      },
      desk: async () => this.#desk(),
      find_services: async ({ query, category }) => this.#find(query, category),
      service: async ({ id }) => serviceView(this.#definition(id)),
      start_call: async () => this.#startCall(),
      open_call: async ({ call }) => {
        this.#resume = call;
        for (const { status } of this.#call(call).cases) {
          if (status.state === "received" && status.standing) status.standing = { ...status.standing, news: false };
        }
        return callView(this.#call(call));
      },
      change_call: async ({ call, changes }) => this.#changeCall(this.#call(call), changes),
      end_call: async ({ call }) =>
        this.#update(this.#call(call), (ended) => (ended.endedAt ??= new Date().toISOString())),
      choose_service: async ({ call, service }) =>
        this.#update(this.#call(call), (chosen) => chosen.cases.push(newCase(this.#definition(service).id))),
      apply: async ({ draft, ops }) => this.#apply(draft, ops),
      attach: async ({ draft, question }) => this.#attach(draft, question),
      protect: async ({ call }) => this.#update(this.#call(call), (raised) => (raised.isProtected = true)),
      lower_protection: async ({ call, reason }) => {
        if (reason.trim() === "") throw problem("reason_needed");
        return this.#update(this.#call(call), (lowered) => (lowered.isProtected = false));
      },
      reveal: async ({ call, target }) => this.#reveal(this.#call(call), target),
      read_back: async ({ draft, language }) => readBackOf(...this.#case(draft), language),
      confirm_read_back: async ({ draft, language }) => {
        const [call, one] = this.#case(draft);
        one.confirmed = true;
        return readBackOf(call, one, language);
      },
      submit: async ({ draft }) => this.#submit(draft),
      version_change: async () => ({
        kept: 4,
        moved: ["Telefon"],
        no_longer_asked: ["Skola eller förskola"],
        newly_required: ["Från vilken dag?"],
      }),
      take_newer_version: async ({ draft }) => {
        const [call, moved] = this.#case(draft);
        return this.#update(call, () =>
          Object.assign(moved, {
            newerVersion: false,
            confirmed: false,
            setAside: [...moved.setAside, ["Skola eller förskola", "Exempelskolan"]],
          }),
        );
      },
      revisions: async ({ draft }) => revisionViews(this.#case(draft)[1]),
      compare_revision: async ({ draft, revision }) => {
        const [call, one] = this.#case(draft);
        return differences(call, one, this.#revision(one, revision));
      },
      restore_revision: async ({ draft, revision }) => {
        const [call, one] = this.#editable(draft);
        const to = this.#revision(one, revision);
        return this.#update(call, () => goBack(one, to));
      },
      undo: async ({ draft }) => {
        const [call, one] = this.#editable(draft);
        const to = this.#revision(one, one.revisions[0]?.id);
        return this.#update(call, () => goBack(one, to));
      },
      discard: async ({ draft }) => {
        const [call, one] = this.#case(draft);
        if (one.status.state !== "editing") throw problem("frozen");
        return this.#update(call, () => (one.discardedAt = new Date().toISOString()));
      },
      take_back: async ({ draft }) => {
        const [call, one] = this.#case(draft);
        return this.#update(call, () => (one.discardedAt = null));
      },
      erase: async ({ draft }) => {
        const [call, one] = this.#case(draft);
        if (one.discardedAt === null) throw problem("not_discarded");
        this.#update(call, () => (call.cases = call.cases.filter((each) => each !== one)));
        this.#certificates.unshift({ id: draft, reason: "discarded", policy: "worker", at: new Date().toISOString() });
        return this.#desk();
      },
      extend: async ({ draft, reason }) => {
        const [call, one] = this.#editable(draft);
        if (reason.trim() === "") throw problem("reason_needed");
        if (extensionsLeft(one) <= 0) throw problem("no_more_extensions");
        return this.#update(call, () => extend(call, one));
      },
      certificates: async () => this.#certificates,
      search: async ({ query, within }) => this.#search(query, within),
      preview: async ({ draft, page }) => {
        this.#case(draft);
        const png = PAGES[page];
        if (png === undefined) throw problem("preview_failed");
        return { png, ...PAGE_SIZE, pages: PAGES.length };
      },
      reopen: async ({ draft }) => {
        const [call, reopened] = this.#case(draft);
        return this.#update(call, () => Object.assign(reopened, { status: { state: "editing" }, confirmed: false }));
      },
      withdraw: async ({ draft }) => {
        const [call, one] = this.#case(draft);
        const { status } = one;
        if (status.state === "needs_action" && status.reopenable) throw problem("not_withdrawable");
        // What waits for a connection has never left; anything else is asked back.
        if (status.state === "queued")
          return this.#update(call, () => Object.assign(one, { status: { state: "editing" }, confirmed: false }));
        if (status.state === "unknown" || status.state === "needs_action")
          return this.#update(call, () => (one.status = { state: "withdrawing", at: one.savedAt }));
        return callView(call);
      },
      ask_case: async ({ number }) => this.#askCase(number),
      retry_now: async () => {
        this.#linkTo("connected");
        return this.#linkView();
      },
      preferences: async () => this.#preferences,
      set_preferences: async ({ preferences }) => (this.#preferences = preferences),
      flushed: async () => this.#answered(true),
      not_saved: async () => this.#answered(false),
    };
  }

  /** Out of sight, and closed once everything typed is here. */
  async #lock(): Promise<SessionView> {
    this.#session = { ...this.#session, covered: true, lock_reason: "worker" };
    const answer = new Promise<boolean>((resolve) => (this.#handedOver = resolve));
    if (this.#flush.size === 0) this.#answered(true);
    for (const flush of this.#flush) flush();
    await answer;
    return this.#session;
  }

  #answered(saved: boolean): null {
    if (saved && this.#session.covered) {
      this.#session = { ...this.#session, state: "locked", storage: null, covered: false };
      this.#tell("session");
    }
    this.#handedOver?.(saved);
    return null;
  }

  #unlock(pin: string): SessionView {
    if (pin === FAKE_PIN) return (this.#session = { ...openedSession(false), pin: this.#session.pin });
    this.#wrongPins += 1;
    const waits = this.#wrongPins > 2;
    return (this.#session = { ...this.#session, problem: waits ? "pin_wait" : "wrong_pin", wait_s: waits ? 30 : null });
  }

  /** Nobody has been at the desk for long. */
  warnOfIdleness(): void {
    for (const changed of this.#changed) changed({ what: "idle", seconds: 30 });
  }

  #linkTo(state: LinkState): void {
    this.#link = state;
    this.#linkSince = new Date().toISOString();
    for (const call of this.#calls) for (const sent of call.cases) this.#arrive(sent);
    this.#tell("desk");
  }

  #call(id: string): FakeCall {
    const call = this.#calls.find((candidate) => candidate.id === id);
    if (!call) throw problem("no_such_call");
    return call;
  }

  #case(draft: string): [FakeCall, FakeCase] {
    for (const call of this.#calls) {
      const found = call.cases.find((candidate) => candidate.draft === draft);
      if (found) return [call, found];
    }
    throw problem("no_such_draft");
  }

  #editable(draft: string): [FakeCall, FakeCase] {
    const [call, one] = this.#case(draft);
    if (one.status.state !== "editing") throw problem("frozen");
    if (one.discardedAt !== null) throw problem("discarded");
    return [call, one];
  }

  #revision(one: FakeCase, id: string | undefined): FakeRevision {
    const found = one.revisions.find((candidate) => candidate.id === id);
    if (!found) throw problem("no_such_revision");
    return found;
  }

  #definition(id: string): FakeDefinition {
    if (!definitions.some((candidate) => candidate.id === id)) throw problem("no_such_service");
    return definition(id);
  }

  #update(call: FakeCall, change: (call: FakeCall) => unknown): CallView {
    if (this.#failing !== null) throw problem(this.#failing, true);
    change(call);
    call.rev += 1;
    call.updatedAt = new Date().toISOString();
    return callView(call);
  }

  #startCall(): CallView {
    const used = new Set(this.#calls.filter((call) => call.endedAt === null).map((call) => call.code));
    const code = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].find((letter) => !used.has(letter)) ?? "A";
    const call = newCall(code, this.#calls.length % 8, 0);
    this.#calls.unshift(call);
    this.#resume = call.id;
    return callView(call);
  }

  #changeCall(call: FakeCall, changes: CallChange[]): CallView {
    return this.#update(call, () => {
      for (const change of changes) {
        if (change.field === "note") call.note = change.value;
        else if (change.field === "asked_for") call.askedFor = change.value;
        else if (change.field === "caller_name") call.name = change.value;
        else if (change.field === "caller_phone") call.phone = change.value;
        else if (change.field === "caller_identity_number") call.identityNumber = change.value;
        else if (change.field === "identity_level") call.identityLevel = change.value;
        else call.language = change.value;
      }
    });
  }

  #desk(): DeskView {
    const kept = this.#calls.flatMap((call): QueueRow[] => {
      if (call.cases.length === 0) return [queueRow(call, undefined)];
      return call.cases.filter(({ discardedAt }) => discardedAt === null).map((one) => queueRow(call, one));
    });
    kept.sort((a, b) => Number(b.open) - Number(a.open) || b.updated_at.localeCompare(a.updated_at));
    const categories = this.#hasCatalogue ? definitions.map((service) => service.category) : [];
    return {
      queue: kept,
      more: this.#rest.more,
      discarded: this.#calls.flatMap((call) =>
        call.cases.filter(({ discardedAt }) => discardedAt !== null).map((one) => queueRow(call, one)),
      ),
      damaged: this.#rest.damaged,
      link: this.#linkView(),
      catalogue: {
        fetched_at: this.#hasCatalogue ? minutesAgo(190) : null,
        skipped: [],
        categories: [...new Set(categories)].sort((a, b) => a.localeCompare(b, "sv")),
      },
      resume: this.#resume,
    };
  }

  /** Protected calls are found only from within. */
  #search(query: string, within: string | null): Found {
    const calls = this.#calls.filter(({ id, isProtected }) => (within === null ? !isProtected : id === within));
    const rows = calls.flatMap((call) => {
      const cases = call.cases.length > 0 ? call.cases : [undefined];
      return cases.flatMap((one): FoundRow[] => {
        const field = foundIn(query, call, one);
        return field === null ? [] : [{ row: queueRow(call, one), field }];
      });
    });
    return { rows, indexed: this.#rest.indexed };
  }

  /** Knows the numbers of its own cases, and how a number looks; not the check character. */
  #askCase(typed: string): CaseAnswer {
    const plain = typed.toUpperCase().replace(/[^A-Z0-9]/g, "");
    const parts = /^([A-Z]{2,5})(\d{4})(\w{4})(\w{2})$/.exec(plain);
    if (!parts) return { answer: "not_a_number", fault: "form" };
    if (/[IO01]/.test(`${parts[3]}${parts[4]}`)) return { answer: "not_a_number", fault: "look_alike" };
    const number = parts.slice(1).join("-");
    const own = this.#calls
      .flatMap((call) => (call.isProtected ? [] : call.cases))
      .find(({ status }) => status.state === "received" && status.case_number === number);
    const view = own?.status.state === "received" ? standingView(own, own.status) : null;
    if (this.#link !== "connected") return { answer: "no_contact", known: view && { ...view, message: null } };
    return view ? { answer: "found", case: view } : { answer: "not_found" };
  }

  #linkView(): LinkView {
    const all = this.#calls.flatMap((call) => call.cases);
    const count = (...states: string[]) => all.filter((one) => states.includes(one.status.state)).length;
    return {
      state: this.#link,
      since: this.#linkSince,
      until: this.#link === "maintenance" ? new Date(Date.now() + 40 * 60_000).toISOString() : null,
      clock_ahead_min: this.#clockAhead,
      queued: count("queued"),
      unknown: count("sending", "unknown", "withdrawing"),
      news: all.filter(({ status }) => status.state === "received" && status.standing?.news).length,
      needs_action: count("needs_action"),
      drafts: count("editing"),
    };
  }

  #find(query: string, category: string | null): ServiceSummary[] {
    if (!this.#hasCatalogue) return [];
    const wanted = query.trim().toLocaleLowerCase("sv");
    return definitions
      .filter((candidate) => category === null || candidate.category === category)
      .filter((candidate) =>
        [candidate.name, candidate.summary, candidate.category, ...(candidate.keywords ?? [])].some((words) =>
          words.toLocaleLowerCase("sv").includes(wanted),
        ),
      )
      .map(summaryOf);
  }

  #apply(draft: string, ops: Op[]): Applied {
    if (this.#failing !== null) throw problem(this.#failing, true);
    const [call, one] = this.#editable(draft);
    remember(one, ops, new Date().toISOString());
    const delta = applyOps(one.definition, one.form, ops, call.isProtected);
    if (ops.some((op) => !["leave", "go_to", "try_submit", "later"].includes(op.op))) one.confirmed = false;
    one.savedAt = new Date().toISOString();
    call.updatedAt = one.savedAt;
    return { delta, saved_at: one.savedAt, confirmed: one.confirmed, traces: null };
  }

  /** A drawing that tells who made it, then a letter that cannot be cleaned; cleaned only where the call is protected. */
  #attach(draft: string, question: string): Applied {
    const [call] = this.#case(draft);
    const first = this.#attached++ % 2 === 0;
    const file = first
      ? { id: newId(), name: "ritning.pdf", size: 248_320, media_type: "application/pdf", sha256: "" }
      : { id: newId(), name: "brev.rtf", size: 18_240, media_type: "application/rtf", sha256: "" };
    const applied = this.#apply(draft, [{ id: newId(), op: "attach", question, file }]);
    const traces = first
      ? { removed: ["place", "author", "time"], kept: null }
      : { removed: [], kept: "strip_unsupported" };
    return { ...applied, traces: call.isProtected ? traces : null };
  }

  #reveal(call: FakeCall, target: RevealTarget): string {
    switch (target.what) {
      case "caller_name":
        return call.name;
      case "caller_phone":
        return call.phone;
      case "caller_identity_number":
        return call.identityNumber;
      case "answer": {
        const [, one] = this.#case(target.draft);
        const answer = one.form.answers[target.question];
        return answer?.type === "text" ? answer.text : "";
      }
    }
  }

  #submit(draft: string): CaseView {
    const [call, one] = this.#case(draft);
    const { sendable, complete } = formView(one.definition, one.form, call.isProtected);
    if (one.status.state !== "editing") throw problem("frozen");
    if (!sendable) throw problem("not_sendable");
    if (!complete && one.definition.oral_filing !== "accepted") throw problem("incomplete");
    if (!one.confirmed) throw problem("not_confirmed");
    one.status = { state: "queued", at: new Date().toISOString() };
    call.updatedAt = one.status.at;
    this.#arrive(one);
    return caseView(call, one);
  }

  #arrive(one: FakeCase): void {
    if (this.#link !== "connected" || one.status.state !== "queued") return;
    setTimeout(() => {
      const { remaining } = formView(one.definition, one.form, false);
      one.status = {
        state: "received",
        case_number: "EXB-2026-5F2N-8V",
        at: new Date().toISOString(),
        to_supplement: remaining.map(({ label }) => label),
        standing: null,
      };
      this.#tell("desk");
    }, ARRIVAL_MS);
  }
}

export function fakeBackend(address: string = window.location.search): Backend {
  const core = new FakeCore(new URLSearchParams(address));
  // Nobody waits ten minutes for a picture.
  if (address.includes("scene=idle")) setTimeout(() => core.warnOfIdleness(), ARRIVAL_MS);
  return core.backend;
}
