// Mirrors the Rust types; the test `bindings` of src-tauri writes this file.

export type Answer =
  | { type: "text"; text: string }
  | { type: "choice"; choices: string[]; other?: string | null }
  | { type: "confirmed" }
  | { type: "files"; files: FileRef[] }
  | { type: "rows"; rows: Row[] };
export type Answers = { [key in string]: Answer };
export type FileRef = { id: string; name: string; size: number; media_type: string; sha256: string };
export type Row = { id: string; answers: Answers };

export type OpKind =
  | { op: "set"; question: string; answer: Answer }
  | { op: "clear"; question: string }
  | { op: "add_row"; question: string; row: string }
  | { op: "remove_row"; question: string; row: string }
  | { op: "attach"; question: string; file: FileRef }
  | { op: "detach"; question: string; file: string }
  | { op: "later"; question: string; on: boolean }
  | { op: "leave"; question: string }
  | { op: "go_to"; step: string }
  | { op: "try_submit" };
export type Op = { id: string } & OpKind;

export type QuestionState = "hidden" | "visible" | "visible_required";
export type Sensitivity = "ordinary" | "personal" | "protected";
export type Choice = { id: string; label: string };
export type Contact = { name: string; phone: string; email: string | null; hours: string | null };
export type OralFiling = "accepted" | "written_required" | "signature_required";
export type Retention = { draft_days: number; protected_draft_days: number };

export type FormView = {
  rev: number;
  position: string;
  steps: StepView[];
  questions: QuestionView[];
  remaining: RemainingView[];
  sendable: boolean;
  complete: boolean;
};
export type Delta = {
  rev: number;
  position: string;
  changed: QuestionView[];
  steps: StepView[];
  remaining: RemainingView[];
  sendable: boolean;
  complete: boolean;
};
export type StepView = { id: string; title: string; remaining: number; faults: number; visited: boolean; later: number };
export type RemainingView = { question: string; label: string; step: string };
export type QuestionView = {
  path: string;
  step: string;
  label: string;
  help: string | null;
  ask: string | null;
  state: QuestionState;
  sensitivity: Sensitivity;
  via_forwarding: boolean;
  kind: KindView;
  answer: AnswerView;
  faults: Fault[];
  later: boolean;
  rows: RowView[];
};
export type RowView = { id: string; questions: QuestionView[] };
export type AnswerView = { shown: "none" } | { shown: "plain"; answer: Answer } | { shown: "masked"; length: number };
export type KindView =
  | { kind: "text"; max_length: number | null }
  | { kind: "text_area"; max_length: number | null }
  | { kind: "number"; unit: string | null }
  | { kind: "money" }
  | { kind: "date" }
  | { kind: "time" }
  | { kind: "radio"; choices: Choice[]; other: string | null }
  | { kind: "drop_down"; choices: Choice[]; other: string | null }
  | { kind: "checkbox"; choices: Choice[]; other: string | null }
  | { kind: "personal_identity_number" }
  | { kind: "organisation_number" }
  | { kind: "phone" }
  | { kind: "email" }
  | { kind: "postcode" }
  | { kind: "address" }
  | { kind: "files"; max_count: number; max_size: number; types: string[] }
  | { kind: "group"; row_label: string; can_add: boolean; can_remove: boolean }
  | { kind: "information"; text: string }
  | { kind: "stop"; text: string }
  | { kind: "confirm"; statement: string }
  | { kind: "unknown" };
export type Fault = { code: string; params: { [key in string]: string } };

export type Text = { shown: "plain"; text: string } | { shown: "masked"; length: number };
export type DeskView = { queue: QueueRow[]; link: LinkView; catalogue: CatalogueView; resume: string | null };
export type QueueRow = {
  call: string;
  draft: string | null;
  code: string;
  colour: number;
  service: string | null;
  who: Who;
  case: CaseStatus | null;
  open: boolean;
  updated_at: string;
};
export type Who = { who: "nobody" } | { who: "named"; name: string } | { who: "protected" };
export type CaseStatus =
  | { state: "editing" }
  | { state: "queued"; at: string }
  | { state: "unknown"; at: string }
  | { state: "received"; case_number: string; at: string; to_supplement: string[] }
  | { state: "needs_action"; reason: Refusal; reopenable: boolean };
export type Refusal = { code: string; questions: string[] };
export type LinkView = { state: LinkState; since: string; queued: number; needs_action: number; drafts: number };
export type LinkState = "checking" | "connected" | "unreachable" | "wrong_server" | "busy" | "sign_in_needed" | "too_old";
export type CatalogueView = {
  fetched_at: string | null;
  skipped: Skipped[];
  categories: string[];
  services: ServiceSummary[];
};
export type Skipped = { name: string; reason: string };
export type ServiceSummary = { id: string; name: string; summary: string; category: string; unit: string };
export type ServiceView = {
  id: string;
  version: number;
  name: string;
  summary: string;
  category: string;
  unit: string;
  contact: Contact;
  oral_filing: OralFiling;
  retention: Retention;
  checklist: string[];
  steps: string[];
};
export type CallView = {
  id: string;
  rev: number;
  code: string;
  colour: number;
  started_at: string;
  ended_at: string | null;
  protected: boolean;
  note: string;
  asked_for: string;
  name: Text;
  phone: Text;
  identity_number: Text;
  identity_number_fault: string | null;
  phone_fault: string | null;
  identity_level: IdentityLevel;
  language: Language;
  cases: CaseView[];
};
export type CaseView = {
  draft: string;
  service: ServiceView;
  status: CaseStatus;
  form: FormView;
  confirmed: boolean;
  saved_at: string;
  set_aside: [string, string][];
  newer_version: boolean;
};
export type RevealTarget =
  | { what: "caller_name" }
  | { what: "caller_phone" }
  | { what: "caller_identity_number" }
  | { what: "answer"; draft: string; question: string };
export type ReadBack = {
  sections: ReadBackSection[];
  missing: string[];
  sendable: boolean;
  oral_filing: OralFiling;
  confirmed: boolean;
};
export type ReadBackSection = { title: string; lines: ReadBackLine[] };
export type ReadBackLine = { question: string; label: string; spoken: string; spell: string | null };
export type IdentityLevel = "stated" | "control_questions" | "call_back" | "eid" | "visit";
export type Language =
  | "swedish"
  | "english"
  | "finnish"
  | "meankieli"
  | "sami"
  | "romani"
  | "yiddish"
  | "sign_language"
  | "other";
export type CallChange =
  | { field: "note"; value: string }
  | { field: "asked_for"; value: string }
  | { field: "caller_name"; value: string }
  | { field: "caller_phone"; value: string }
  | { field: "caller_identity_number"; value: string }
  | { field: "identity_level"; value: IdentityLevel }
  | { field: "language"; value: Language };
export type Applied = { delta: Delta; saved_at: string; confirmed: boolean };

export type SessionView = {
  state: SessionState;
  worker: WorkerView | null;
  storage: Storage | null;
  problem: string | null;
  municipality: string | null;
  demo: boolean;
  content_protection: ContentProtection;
  version: string;
};
export type SessionState = "signed_out" | "signing_in" | "locked" | "open" | "blocked";
export type WorkerView = { name: string; initials: string; role: Role };
export type Role = "agent" | "case_officer" | "team_lead" | "auditor" | "admin";
export type Storage = "encrypted" | "memory_only";
export type ContentProtection = "on" | "unavailable";
export type Preferences = { theme: Theme; language: UiLanguage; text_size: number };
export type Theme = "system" | "light" | "dark" | "contrast";
export type UiLanguage = "sv" | "en";
export type IpcError = { code: string; message: string; retryable: boolean };
export type Changed = { what: "session" } | { what: "desk" };

export interface Commands {
  session(): Promise<SessionView>;
  sign_in(): Promise<SessionView>;
  cancel_sign_in(): Promise<SessionView>;
  sign_out(): Promise<SessionView>;
  lock(): Promise<SessionView>;
  desk(): Promise<DeskView>;
  find_services(args: { query: string; category: string | null }): Promise<ServiceSummary[]>;
  service(args: { id: string }): Promise<ServiceView>;
  start_call(): Promise<CallView>;
  open_call(args: { call: string }): Promise<CallView>;
  change_call(args: { call: string; changes: CallChange[] }): Promise<CallView>;
  end_call(args: { call: string }): Promise<CallView>;
  choose_service(args: { call: string; service: string }): Promise<CallView>;
  apply(args: { draft: string; ops: Op[] }): Promise<Applied>;
  attach(args: { draft: string; question: string }): Promise<Applied | null>;
  protect(args: { call: string }): Promise<CallView>;
  lower_protection(args: { call: string; reason: string }): Promise<CallView>;
  reveal(args: { call: string; target: RevealTarget }): Promise<string>;
  read_back(args: { draft: string }): Promise<ReadBack>;
  confirm_read_back(args: { draft: string }): Promise<ReadBack>;
  submit(args: { draft: string }): Promise<CaseView>;
  reopen(args: { draft: string }): Promise<CallView>;
  retry_now(): Promise<LinkView>;
  preferences(): Promise<Preferences>;
  set_preferences(args: { preferences: Preferences }): Promise<Preferences>;
  flushed(): Promise<null>;
}
