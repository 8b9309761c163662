// Made by `cargo xtask bindings` from src-tauri/src/ipc/list.in and the types that it names.

export type Answer = { "type": "text", text: string, } | { "type": "choice", choices: Array<string>, other?: string | null, } | { "type": "confirmed" } | { "type": "files", files: Array<FileRef>, } | { "type": "rows", rows: Array<Row>, };

export type AnswerView = { "shown": "none" } | { "shown": "plain", answer: Answer, } | { "shown": "masked", length: number, };

export type Applied = { delta: Delta, saved_at: string, 
/**
 * The read-back still counts as confirmed.
 */
confirmed: boolean, 
/**
 * What a file told in secret; only when one was taken into a protected call.
 */
traces: FileTraces | null, };

export type Block = { "block": "paragraph", text: Array<Span>, } | { "block": "heading", text: Array<Span>, } | { "block": "list", ordered: boolean, items: Array<Array<Span>>, };

export type CallChange = { "field": "note", "value": string } | { "field": "asked_for", "value": string } | { "field": "caller_name", "value": string } | { "field": "caller_phone", "value": string } | { "field": "caller_identity_number", "value": string } | { "field": "identity_level", "value": IdentityLevel } | { "field": "language", "value": Language };

export type CallView = { id: string, rev: number, code: string, colour: number, started_at: string, ended_at: string | null, protected: boolean, note: string, asked_for: string, name: Text, phone: Text, identity_number: Text, 
/**
 * Fault code of the identity number, when it has one.
 */
identity_number_fault: string | null, 
/**
 * Fault code of the phone number, when it has one.
 */
phone_fault: string | null, identity_level: IdentityLevel, language: Language, 
/**
 * Oldest first.
 */
cases: Array<CaseView>, };

export type CaseAnswer = { "answer": "not_a_number", fault: CaseNumberFault, } | { "answer": "found", case: StandingView, } | { "answer": "not_found" } | { "answer": "no_contact", known: StandingView | null, };

export type CaseNumberFault = "form" | "look_alike" | "check";

export type CaseStatus = { "state": "editing" } | { "state": "queued", at: string, } | { "state": "sending", at: string, } | { "state": "unknown", at: string, } | { "state": "withdrawing", at: string, } | { "state": "received", case_number: string, at: string, to_supplement: Array<string>, 
/**
 * What has become of it at the municipality, as far as it has told.
 */
standing: Standing | null, } | { "state": "needs_action", reason: Refusal, reopenable: boolean, };

export type CaseView = { draft: string, service: ServiceView, status: CaseStatus, form: FormView, 
/**
 * The draft can be read on this computer; if not, its form is empty.
 */
readable: boolean, 
/**
 * The read-back was confirmed and nothing has changed since.
 */
confirmed: boolean, saved_at: string, 
/**
 * Answers that the newer version of the e-service does not ask for.
 */
set_aside: Array<[string, string]>, 
/**
 * A newer version exists; the draft stays on its own.
 */
newer_version: boolean, 
/**
 * How long an unfinished draft is still kept; `None` for what is on its way or has arrived.
 */
keeping: Keeping | null, 
/**
 * `None` for drafts and for what has arrived.
 */
on_its_way: OnItsWay | null, 
/**
 * How often its time may still be prolonged.
 */
extensions_left: number, 
/**
 * It was thrown away and can be taken back.
 */
discarded: boolean, 
/**
 * There is an earlier state to go back to.
 */
revised: boolean, };

export type CatalogueView = { 
/**
 * `None` when no catalogue has been fetched yet.
 */
fetched_at: string | null, skipped: Array<Skipped>, 
/**
 * In the order of the Swedish alphabet.
 */
categories: Array<string>, };

export type Certificate = { id: string, 
/**
 * `time_up`, `discarded` or `arrived`.
 */
reason: string, 
/**
 * The rule, such as `ordinary 14`.
 */
policy: string, at: string, };

export type Changed = { "what": "session" } | { "what": "desk" } | { "what": "idle", seconds: number, };

export type Choice = { id: string, label: string, 
/**
 * What the source system calls it in an export, when that is not the label.
 */
value?: string | null, };

export type Contact = { name: string, phone: string, email?: string | null, hours?: string | null, };

export type ContentProtection = "on" | "unavailable";

export type CopyView = { calls: number, drafts: number, };

export type Delta = { rev: number, position: string, changed: Array<QuestionView>, steps: Array<StepView>, remaining: Array<RemainingView>, sendable: boolean, complete: boolean, };

export type DeskView = { 
/**
 * Open calls first, then what the worker has to see to, then newest first; 100 at most.
 */
queue: Array<QueueRow>, link: LinkView, catalogue: CatalogueView, 
/**
 * Further rows that are not in the queue; a search finds them.
 */
more: number, 
/**
 * Drafts that were thrown away and can be taken back, the newest first; 100 at most.
 */
discarded: Array<QueueRow>, 
/**
 * Records on this computer that cannot be read.
 */
damaged: number, 
/**
 * The call on screen when the application was last closed.
 */
resume: string | null, };

export type Difference = { label: string, then: Text, now: Text, };

export type Fault = { 
/**
 * Such as `required`, `pnr_checksum`, `date_format`, `too_long`.
 */
code: string, params?: { [key in string]: string }, };

export type FilePreview = { 
/**
 * PNG in base64.
 */
png: string, width: number, height: number, pages: number, };

export type FileRef = { 
/**
 * UUID in text form.
 */
id: string, name: string, 
/**
 * Bytes.
 */
size: number, 
/**
 * Media type as detected from the content.
 */
media_type: string, 
/**
 * SHA-256, lower-case hex.
 */
sha256: string, };

export type FileTraces = { 
/**
 * Codes of what was taken out: `place`, `author`, `device`, `software`, `time`, `comment`, `thumbnail`,
 * `earlier_version`, `other`.
 */
removed: Array<string>, 
/**
 * Why nothing could be taken out, as a code such as `strip_unsupported`; the file is as it was then.
 */
kept: string | null, };

export type FormView = { rev: number, position: string, steps: Array<StepView>, 
/**
 * In the definition's order.
 */
questions: Array<QuestionView>, 
/**
 * What is left before it is complete, in order.
 */
remaining: Array<RemainingView>, 
/**
 * Nothing has a wrong format and no stop question is visible.
 */
sendable: boolean, 
/**
 * Nothing required is missing.
 */
complete: boolean, };

export type Found = { 
/**
 * The newest first, at most 50.
 */
rows: Array<FoundRow>, 
/**
 * How many of the drafts can be found so far, in percent.
 */
indexed: number, };

export type FoundRow = { row: QueueRow, 
/**
 * Where it was found: `service`, `name`, `phone`, `identity_number`, `asked_for`, `note`, `answer`,
 * `case_number` or `date`.
 */
field: string, };

export type HealthView = { version: string, storage: Storage, 
/**
 * `None` in memory only, or when the store does not say.
 */
store: StoreHealth | null, keychain: KeychainHealth, link: LinkView, 
/**
 * Why the log of views cannot be read or is not whole.
 */
audit_fault: string | null, audit_events: number, policy: PolicyView, };

export type IdentityLevel = "stated" | "control_questions" | "call_back" | "eid" | "visit";

export type IpcError = { 
/**
 * Stable; the message catalogue has a sentence for each.
 */
code: string, 
/**
 * For support, in English, without personal data.
 */
message: string, retryable: boolean, };

export type Keeping = { 
/**
 * The last day, such as `2026-12-08`.
 */
through: string, 
/**
 * Days until then; negative once it is over.
 */
days_left: number, 
/**
 * So little is left that the worker should send, prolong or throw away.
 */
warn: boolean, };

export type KeychainHealth = "reachable" | "locked" | "none" | "failed";

export type KindView = { "kind": "text", max_length: number | null, 
/**
 * Covered on screen as a password is.
 */
covered: boolean, } | { "kind": "note" } | { "kind": "text_area", max_length: number | null, } | { "kind": "number", unit: string | null, } | { "kind": "money" } | { "kind": "date" } | { "kind": "time" } | { "kind": "radio", choices: Array<Choice>, other: string | null, } | { "kind": "drop_down", choices: Array<Choice>, other: string | null, } | { "kind": "checkbox", choices: Array<Choice>, other: string | null, } | { "kind": "personal_identity_number" } | { "kind": "other_identity_number", domain: string, } | { "kind": "organisation_number" } | { "kind": "phone" } | { "kind": "email" } | { "kind": "postcode" } | { "kind": "address" } | { "kind": "files", max_count: number, max_size: number, max_total: number | null, types: Array<string>, } | { "kind": "group", row_label: string, layout: Layout, 
/**
 * There is never more than one row: it is one question of several fields.
 */
single: boolean, can_add: boolean, can_remove: boolean, } | { "kind": "information", text: Array<Block>, } | { "kind": "stop", text: Array<Block>, } | { "kind": "confirm", statement: string, text: Array<Block>, } | { "kind": "unknown" };

export type Language = "swedish" | "english" | "finnish" | "meankieli" | "sami" | "romani" | "yiddish" | "sign_language" | "other";

export type Layout = "rows" | "table";

export type LinkState = "checking" | "connected" | "no_network" | "unreachable" | "no_answer" | "wrong_server" | "unknown_issuer" | "wrong_name" | "expired" | "not_yet_valid" | "bad_certificate" | "no_tls" | "wrong_address" | "busy" | "maintenance" | "sign_in_needed" | "too_old" | "server_too_old";

export type LinkView = { state: LinkState, 
/**
 * Since when it is so; for all states without contact, since when there has been none. By this computer's clock.
 */
since: string, 
/**
 * When the municipality expects to be back, if it said so.
 */
until: string | null, 
/**
 * Whole minutes that this computer's clock is ahead of the municipality's, negative behind it; 0 when it is right
 * enough or nothing is known.
 */
clock_ahead_min: number, 
/**
 * Cases that wait to be sent.
 */
queued: number, 
/**
 * Cases of which it is not known whether they have arrived.
 */
unknown: number, 
/**
 * Cases that need action.
 */
needs_action: number, 
/**
 * Drafts kept on this computer.
 */
drafts: number, 
/**
 * Received cases that have moved on and that the worker has not looked at since.
 */
news: number, };

export type LockReason = "worker" | "idle" | "system";

export type OnItsWay = { 
/**
 * Bytes of its files that the municipality has.
 */
sent: number, 
/**
 * Bytes of its files.
 */
total: number, 
/**
 * It was sent more than a day ago.
 */
late: boolean, 
/**
 * The worker may take it back.
 */
withdrawable: boolean, };

export type Op = { id: string, } & ({ "op": "set", question: string, answer: Answer, } | { "op": "clear", question: string, } | { "op": "add_row", question: string, row: string, } | { "op": "remove_row", question: string, row: string, } | { "op": "attach", question: string, file: FileRef, } | { "op": "detach", question: string, file: string, } | { "op": "later", question: string, on: boolean, } | { "op": "leave", question: string, } | { "op": "go_to", step: string, } | { "op": "try_submit" });

export type OpKind = { "op": "set", question: string, answer: Answer, } | { "op": "clear", question: string, } | { "op": "add_row", question: string, row: string, } | { "op": "remove_row", question: string, row: string, } | { "op": "attach", question: string, file: FileRef, } | { "op": "detach", question: string, file: string, } | { "op": "later", question: string, on: boolean, } | { "op": "leave", question: string, } | { "op": "go_to", step: string, } | { "op": "try_submit" };

export type OralFiling = "accepted" | "written_required" | "signature_required";

export type PartyRole = "applicant" | "co_applicant" | "guardian" | "child" | { "proxy": { basis: string, } } | "company_representative" | "organisation" | "signing_party";

export type PinPolicy = "off" | "optional" | "required";

export type PinView = { policy: PinPolicy, 
/**
 * The store opens with a PIN.
 */
set: boolean, 
/**
 * The last real sign-in is too long ago for the PIN alone.
 */
sign_in_first: boolean, };

export type PolicyView = { idle_lock_minutes: number, pin: PinPolicy, offline_hours: number, draft_days: number, protected_draft_days: number, extensions: number, 
/**
 * The public key of whoever may open sealed copies; without one none can be made.
 */
recovery_recipient: string | null, };

export type Preferences = { theme: Theme, language: UiLanguage, 
/**
 * Base text size in CSS pixels: 13, 14 or 16.
 */
text_size: number, };

export type QuestionState = "hidden" | "visible" | "visible_required";

export type QuestionView = { path: string, step: string, label: string, help: Array<Block>, ask: string | null, 
/**
 * The label of the earlier question whose answer makes this one asked.
 */
asked_because: string | null, 
/**
 * Whom the answer is about.
 */
role: PartyRole | null, state: QuestionState, sensitivity: Sensitivity, 
/**
 * In protected mode the answer goes by Skatteverket's forwarding and is not asked for.
 */
via_forwarding: boolean, kind: KindView, answer: AnswerView, 
/**
 * The birth year that an identity number of ten digits without separator is taken to mean, to be confirmed by the
 * caller: `850101-…` or four digits for the year say it. None before the field has been left.
 */
inferred_year?: number, 
/**
 * Only faults that may be shown now, the most telling first.
 */
faults: Array<Fault>, 
/**
 * "Fråga senare".
 */
later: boolean, 
/**
 * Rows of a group, in order; empty for other kinds.
 */
rows: Array<RowView>, };

export type QueueRow = { call: string, draft: string | null, code: string, colour: number, 
/**
 * The e-service's name; `None` while none is chosen.
 */
service: string | null, who: Who, 
/**
 * `None` while no e-service is chosen.
 */
case: CaseStatus | null, 
/**
 * The call goes on.
 */
open: boolean, 
/**
 * How long an unfinished draft is still kept; `None` for what is on its way or has arrived.
 */
keeping: Keeping | null, 
/**
 * `None` for drafts, for what has arrived, and in what a search found.
 */
on_its_way: OnItsWay | null, updated_at: string, };

export type ReadBack = { sections: Array<ReadBackSection>, 
/**
 * Required questions without an answer, by label.
 */
missing: Array<string>, sendable: boolean, oral_filing: OralFiling, confirmed: boolean, };

export type ReadBackLine = { question: string, 
/**
 * The row that it belongs to, such as `Barn 2`, on each of the row's lines; said once.
 */
heading: string | null, label: string, 
/**
 * As it is said: numbers in groups, identity numbers by their last four signs.
 */
spoken: string, 
/**
 * What may be spelled letter by letter on request (names, street names); `None` for protected cases.
 */
spell: string | null, };

export type ReadBackSection = { title: string, lines: Array<ReadBackLine>, };

export type Refusal = { 
/**
 * Such as `service_version_retired`, `answers_invalid`, `forbidden`, `content_differs`, `unexpected_answer`.
 */
code: string, 
/**
 * The questions concerned, if any.
 */
questions: Array<string>, };

export type RemainingView = { question: string, label: string, step: string, };

export type Retention = { 
/**
 * Days for an ordinary case.
 */
draft_days: number, 
/**
 * Days for a case in protected mode; never more than `draft_days`.
 */
protected_draft_days: number, };

export type RevealTarget = { "what": "caller_name" } | { "what": "caller_phone" } | { "what": "caller_identity_number" } | { "what": "answer", draft: string, question: string, };

export type RevisionView = { id: string, 
/**
 * When it was left.
 */
at: string, 
/**
 * The label of the question that was answered anew then; `None` when it was more than that.
 */
question: string | null, 
/**
 * It was filled in on an older version of the e-service.
 */
older_version: boolean, };

export type Role = "agent" | "case_officer" | "team_lead" | "auditor" | "admin";

export type Row = { 
/**
 * Stable for the life of the row; made by the one who adds it.
 */
id: string, answers: { [key in string]: Answer }, };

export type RowView = { id: string, questions: Array<QuestionView>, };

export type Sensitivity = "ordinary" | "personal" | "protected";

export type ServiceSummary = { id: string, name: string, summary: string, category: string, unit: string, };

export type ServiceView = { id: string, version: number, name: string, summary: string, category: string, unit: string, contact: Contact, oral_filing: OralFiling, retention: Retention, checklist: Array<string>, steps: Array<string>, };

export type SessionState = "signed_out" | "signing_in" | "locked" | "open" | "blocked";

export type SessionView = { state: SessionState, worker: WorkerView | null, 
/**
 * How drafts are kept; only when open.
 */
storage: Storage | null, 
/**
 * What went wrong last, as a code; with `blocked` it is why nothing can be opened.
 */
problem: string | null, 
/**
 * The municipality's name, once it has been reached.
 */
municipality: string | null, 
/**
 * A demo gateway: nothing reaches a real municipality.
 */
demo: boolean, content_protection: ContentProtection, 
/**
 * The application's version.
 */
version: string, pin: PinView, 
/**
 * Seconds until the next PIN is tried, after wrong ones.
 */
wait_s: number | null, 
/**
 * Why it was locked last.
 */
lock_reason: LockReason | null, 
/**
 * Locked as far as can be: something typed is not saved yet, so the desk is open and nothing of it may be seen or
 * reached. What opens a lock takes the cover off.
 */
covered: boolean, 
/**
 * Minutes of idleness until it locks.
 */
idle_minutes: number, };

export type Skipped = { 
/**
 * The e-service's id or the file's name.
 */
name: string, reason: string, };

export type Span = { text: string, strong: boolean, stress: boolean, };

export type Stage = "received" | "in_progress" | "supplement_requested" | "decided" | "closed" | "other";

export type Standing = { 
/**
 * The change that it came with.
 */
change: string, stage: Stage, 
/**
 * The server's time.
 */
at: string, 
/**
 * The case officer's words to the caller, to be read aloud. Lists leave it out.
 */
message: string | null, 
/**
 * The worker has not looked at it since.
 */
news: boolean, };

export type StandingView = { case_number: string, 
/**
 * The e-service's name, where it is known here.
 */
service: string | null, received_at: string, stage: Stage, 
/**
 * Since when it stands so, by the municipality's clock.
 */
at: string, 
/**
 * The case officer's words to the caller.
 */
message: string | null, secrecy_marking: boolean, };

export type StepView = { id: string, title: string, 
/**
 * Required questions without an answer.
 */
remaining: number, 
/**
 * Faults that may be shown now.
 */
faults: number, 
/**
 * Has been opened and left.
 */
visited: boolean, 
/**
 * "Fråga senare" marks.
 */
later: number, };

export type Storage = "encrypted" | "memory_only";

export type StoreHealth = { 
/**
 * Bytes of the database with its log.
 */
size: number, 
/**
 * Bytes free on its disk; `None` where that cannot be told.
 */
free: number | null, 
/**
 * Room is set aside so that deleting works on a full disk.
 */
reserve: boolean, 
/**
 * Records that were removed and whose keys are still to be destroyed.
 */
to_shred: number, 
/**
 * Keys of days that are kept.
 */
keys: number, 
/**
 * The key set is kept under a PIN.
 */
pin: boolean, 
/**
 * Records that cannot be read; lists leave them out.
 */
damaged: number, };

export type Text = { "shown": "plain", text: string, } | { "shown": "masked", length: number, };

export type Theme = "system" | "light" | "dark" | "contrast";

export type UiLanguage = "sv" | "en";

export type VersionChange = { 
/**
 * Answers that stay where they are.
 */
kept: number, 
/**
 * Answered questions that are asked in another place.
 */
moved: Array<string>, 
/**
 * Answered questions that are not asked any more; the answers are set aside.
 */
no_longer_asked: Array<string>, 
/**
 * Questions that only the newer version demands an answer to.
 */
newly_required: Array<string>, };

export type Who = { "who": "nobody" } | { "who": "named", name: string, } | { "who": "protected" };

export type WorkerView = { name: string, initials: string, role: Role, };

export interface Commands {
  session(): Promise<SessionView>;
  sign_in(): Promise<SessionView>;
  cancel_sign_in(): Promise<SessionView>;
  sign_out(): Promise<SessionView>;
  lock(): Promise<SessionView>;
  unlock(args: { pin: string }): Promise<SessionView>;
  set_pin(args: { pin: string | null }): Promise<SessionView>;
  active(): Promise<null>;
  health(): Promise<HealthView>;
  change_keys(): Promise<HealthView>;
  export_log(): Promise<boolean>;
  save_copy(): Promise<CopyView | null>;
  desk(): Promise<DeskView>;
  find_services(args: { query: string; category: string | null }): Promise<Array<ServiceSummary>>;
  service(args: { id: string }): Promise<ServiceView>;
  start_call(): Promise<CallView>;
  open_call(args: { call: string }): Promise<CallView>;
  change_call(args: { call: string; changes: Array<CallChange> }): Promise<CallView>;
  end_call(args: { call: string }): Promise<CallView>;
  choose_service(args: { call: string; service: string }): Promise<CallView>;
  apply(args: { draft: string; ops: Array<Op> }): Promise<Applied>;
  attach(args: { draft: string; question: string }): Promise<Applied | null>;
  protect(args: { call: string }): Promise<CallView>;
  lower_protection(args: { call: string; reason: string }): Promise<CallView>;
  reveal(args: { call: string; target: RevealTarget }): Promise<string>;
  read_back(args: { draft: string; language: UiLanguage }): Promise<ReadBack>;
  confirm_read_back(args: { draft: string; language: UiLanguage }): Promise<ReadBack>;
  submit(args: { draft: string }): Promise<CaseView>;
  reopen(args: { draft: string }): Promise<CallView>;
  withdraw(args: { draft: string }): Promise<CallView>;
  version_change(args: { draft: string }): Promise<VersionChange>;
  take_newer_version(args: { draft: string }): Promise<CallView>;
  revisions(args: { draft: string }): Promise<Array<RevisionView>>;
  compare_revision(args: { draft: string; revision: string }): Promise<Array<Difference>>;
  restore_revision(args: { draft: string; revision: string }): Promise<CallView>;
  undo(args: { draft: string }): Promise<CallView>;
  discard(args: { draft: string }): Promise<CallView>;
  take_back(args: { draft: string }): Promise<CallView>;
  erase(args: { draft: string }): Promise<DeskView>;
  extend(args: { draft: string; reason: string }): Promise<CallView>;
  preview(args: { draft: string; file: string; page: number }): Promise<FilePreview>;
  certificates(): Promise<Array<Certificate>>;
  search(args: { query: string; within: string | null }): Promise<Found>;
  ask_case(args: { call: string | null; number: string }): Promise<CaseAnswer>;
  retry_now(): Promise<LinkView>;
  preferences(): Promise<Preferences>;
  set_preferences(args: { preferences: Preferences }): Promise<Preferences>;
  flushed(): Promise<null>;
  not_saved(): Promise<null>;
}

export const commandNames = [
  "session",
  "sign_in",
  "cancel_sign_in",
  "sign_out",
  "lock",
  "unlock",
  "set_pin",
  "active",
  "health",
  "change_keys",
  "export_log",
  "save_copy",
  "desk",
  "find_services",
  "service",
  "start_call",
  "open_call",
  "change_call",
  "end_call",
  "choose_service",
  "apply",
  "attach",
  "protect",
  "lower_protection",
  "reveal",
  "read_back",
  "confirm_read_back",
  "submit",
  "reopen",
  "withdraw",
  "version_change",
  "take_newer_version",
  "revisions",
  "compare_revision",
  "restore_revision",
  "undo",
  "discard",
  "take_back",
  "erase",
  "extend",
  "preview",
  "certificates",
  "search",
  "ask_case",
  "retry_now",
  "preferences",
  "set_preferences",
  "flushed",
  "not_saved",
] as const satisfies readonly (keyof Commands)[];
