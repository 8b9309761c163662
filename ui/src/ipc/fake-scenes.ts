// What the fake core starts with: invented calls of the demo municipality, one in every state.
// Identity numbers are official test numbers, phone numbers are reserved for fiction.
import type { CaseStatus, FileRef, IdentityLevel, Language, Op } from "./bindings";
import { applyOps, choice, emptyState, text } from "./fake-form";
import type { FakeDefinition, FakeState } from "./fake-form";
import type { FakeRevision } from "./fake-vault";

export type FakeCase = {
  draft: string;
  definition: FakeDefinition;
  form: FakeState;
  status: CaseStatus;
  confirmed: boolean;
  savedAt: string;
  setAside: [string, string][];
  newerVersion: boolean;
  /** Newest first. */
  revisions: FakeRevision[];
  /** Until it goes; `null` for the e-service's own time. */
  daysLeft: number | null;
  extended: number;
  discardedAt: string | null;
  readable: boolean;
  /** Bytes of its files that are with the municipality, of all. */
  upload: { sent: number; total: number } | null;
  /** It was sent more than a day ago. */
  late: boolean;
};

export type FakeCall = {
  id: string;
  rev: number;
  code: string;
  colour: number;
  startedAt: string;
  endedAt: string | null;
  updatedAt: string;
  isProtected: boolean;
  note: string;
  askedFor: string;
  name: string;
  phone: string;
  identityNumber: string;
  identityLevel: IdentityLevel;
  language: Language;
  cases: FakeCase[];
};

const catalogue: Record<string, FakeDefinition> = import.meta.glob("../../../crates/gateway/catalogue/*.json", {
  eager: true,
  import: "default",
});

/** The demo catalogue, by name in the order of the Swedish alphabet. */
export const definitions: FakeDefinition[] = Object.values(catalogue).sort((a, b) => a.name.localeCompare(b.name, "sv"));

export function definition(id: string): FakeDefinition {
  const found = definitions.find((candidate) => candidate.id === id);
  if (!found) throw new Error(`the demo catalogue has no ${id}`);
  return found;
}

/** The forms crate's own form with every kind of question, and how it is filled in. */
const [everyKind] = Object.values(
  import.meta.glob<FakeDefinition>("../../../crates/forms/tests/golden/every-kind.json", {
    eager: true,
    import: "definition",
  }),
);
const [fillIn = []] = Object.values(
  import.meta.glob<Op[]>("../../../crates/forms/tests/golden/every-kind.json", { eager: true, import: "operations" }),
);

let ids = 0;
/** Ids that are the same in every run, so that pictures do not change. */
export function newId(): string {
  ids += 1;
  return `01990000-0000-7000-8000-${String(ids).padStart(12, "0")}`;
}

export function minutesAgo(minutes: number): string {
  return new Date(Date.now() - minutes * 60_000).toISOString();
}

export function newCall(code: string, colour: number, age: number): FakeCall {
  return {
    id: newId(),
    rev: 1,
    code,
    colour,
    startedAt: minutesAgo(age),
    endedAt: null,
    updatedAt: minutesAgo(age),
    isProtected: false,
    note: "",
    askedFor: "",
    name: "",
    phone: "",
    identityNumber: "",
    identityLevel: "stated",
    language: "swedish",
    cases: [],
  };
}

export function newCase(id: string): FakeCase {
  return caseOf(definition(id));
}

function caseOf(chosen: FakeDefinition): FakeCase {
  return {
    draft: newId(),
    definition: chosen,
    form: emptyState(chosen),
    status: { state: "editing" },
    confirmed: false,
    savedAt: minutesAgo(0),
    setAside: [],
    newerVersion: false,
    revisions: [],
    daysLeft: null,
    extended: 0,
    discardedAt: null,
    readable: true,
    upload: null,
    late: false,
  };
}

const APPLICANT = {
  vem: choice("sjalv"),
  personnummer: text("19480114-1864"),
  namn: text("Astrid Ekvall"),
  adress: text("Lingongatan 12"),
  postnummer: text("999 12"),
  postort: text("Exempelby"),
  telefon: text("070-174 06 31"),
};

const COMPLETE = {
  ...APPLICANT,
  boendeform: choice("eget_hus"),
  permanent: choice("ja"),
  funktionsnedsattning: text("Svårt att gå i trappor. Använder rollator."),
  varaktighet: choice("bestaende"),
  atgarder: choice("trosklar", "ramp"),
  hjalpmedel: choice("ja"),
  hjalpmedel_vilka: text("Rollator och duschpall"),
  intyg: choice("nej"),
  bekraftelse: { type: "confirmed" } as const,
};

type Caller = Pick<FakeCall, "name" | "phone" | "identityNumber">;
const ASTRID: Caller = { name: "Astrid Ekvall", phone: "070-174 06 31", identityNumber: "19480114-1864" };

function housingCall(age: number): FakeCall {
  const call = newCall("A", 0, age);
  const housing = newCase("bostadsanpassningsbidrag");
  housing.form.answers = { ...APPLICANT };
  return Object.assign(call, ASTRID, {
    askedFor: "Ramp vid entrén och borttagna trösklar",
    note: "Ringer själv. Har intyg från arbetsterapeut, skickar det senare.",
    identityLevel: "control_questions",
    cases: [housing],
  } satisfies Partial<FakeCall>);
}

type Ended = { code: string; colour: number; age: number; name: string; service: string; status: CaseStatus };

function endedCall({ code, colour, age, name, service, status }: Ended): FakeCall {
  const only = newCase(service);
  only.status = status;
  only.confirmed = true;
  only.savedAt = minutesAgo(age - 8);
  return Object.assign(newCall(code, colour, age), {
    endedAt: minutesAgo(age - 9),
    updatedAt: minutesAgo(age - 9),
    name,
    cases: [only],
  });
}

/** One call in every state, newest first; the first one is on screen. */
function demoCalls(): FakeCall[] {
  const housing = housingCall(6);

  const sheltered = newCall("B", 5, 14);
  const support = newCase("ekonomiskt-bistand");
  support.form.answers = { personnummer: text("19850101-2382"), namn: text("Vera Holm") };
  Object.assign(sheltered, {
    name: "Vera Holm",
    identityNumber: "19850101-2382",
    identityLevel: "call_back",
    askedFor: "Ansökan för december",
    isProtected: true,
    cases: [support],
  } satisfies Partial<FakeCall>);

  const unnamed = Object.assign(newCall("C", 2, 2), { askedFor: "Fråga om sophämtning" });

  const ended: Ended[] = [
    {
      code: "D",
      colour: 3,
      age: 42,
      name: "Milo Sandin",
      service: "felanmalan-gata-belysning",
      status: { state: "queued", at: minutesAgo(35) },
    },
    {
      code: "E",
      colour: 4,
      age: 58,
      name: "Signe Ahl",
      service: "fardtjanst",
      status: { state: "unknown", at: minutesAgo(50) },
    },
    {
      code: "F",
      colour: 1,
      age: 74,
      name: "Bo Lindmark",
      service: "bygglov-altan",
      status: {
        state: "needs_action",
        reason: { code: "service_version_retired", questions: [] },
        reopenable: true,
      },
    },
    {
      code: "G",
      colour: 6,
      age: 96,
      name: "Leila Norén",
      service: "plats-i-forskola",
      status: {
        state: "received",
        case_number: "EXB-2026-7K3M-9Q",
        at: minutesAgo(90),
        to_supplement: ["Hushållets inkomst i månaden", "Andrahandsval"],
        standing: null,
      },
    },
    {
      code: "H",
      colour: 7,
      age: 130,
      name: "Anton Brodd",
      service: "synpunkt-klagomal",
      status: {
        state: "received",
        case_number: "EXB-2026-2W8D-4H",
        at: minutesAgo(121),
        to_supplement: [],
        standing: {
          change: newId(),
          stage: "supplement_requested",
          at: minutesAgo(12),
          message: "Skicka in en bild på platsen, så går det fortare.",
          news: true,
        },
      },
    },
  ];
  return [unnamed, housing, sheltered, ...ended.map(endedCall)];
}

/** Every kind of question, filled in but for what the crate says when somebody tries to send. */
function everyKindCall(position: string, tried: boolean): FakeCall {
  if (!everyKind) throw new Error("there is no form with every kind");
  const call = newCall("I", 1, 3);
  const only = caseOf(everyKind);
  const operations = fillIn.filter(({ op }) => tried || op !== "try_submit");
  for (const operation of operations) applyOps(everyKind, only.form, [operation], false);
  only.form.position = position;
  call.cases = [only];
  return call;
}

function plan(): FileRef {
  return { id: newId(), name: "situationsplan.pdf", size: 1_482_113, media_type: "application/pdf", sha256: "" };
}

/** Three steps back in what Astrid has said. */
function earlierStates({ form: { answers } }: FakeCase): FakeRevision[] {
  const otherStreet: FakeState["answers"] = { ...answers, adress: text("Lingonstigen 21") };
  const { telefon: _, ...noPhone } = otherStreet;
  const { adress: __, postnummer: ___, ...noAddress } = noPhone;
  return [
    { id: newId(), at: minutesAgo(2), question: "adress", answers: otherStreet },
    { id: newId(), at: minutesAgo(4), question: "telefon", answers: noPhone },
    { id: newId(), at: minutesAgo(1_445), question: null, answers: noAddress },
  ];
}

export type Scene = { calls: FakeCall[]; resume: string | null };

/** The calls of a scene and which of them is on screen. */
export function sceneCalls(scene: string): Scene {
  const calls = demoCalls();
  const [unnamed, housing, sheltered, queued, unknown, wedged, received] = calls;
  const only = housing?.cases[0];
  const resume = (call: FakeCall | undefined): Scene => ({ calls, resume: call?.id ?? null });
  switch (scene) {
    case "empty":
      return { calls: [], resume: null };
    case "workspace":
      return resume(undefined);
    case "catalogue":
    case "no-catalogue":
      return resume(unnamed);
    case "form-errors":
      if (only) {
        only.form.answers = { ...APPLICANT, personnummer: text("19480114-1865"), telefon: text("0701") };
        delete only.form.answers["namn"];
        only.form.tried = true;
      }
      return resume(housing);
    case "newer-version":
      if (only) {
        only.newerVersion = true;
        only.setAside = [["Bilens färg", "Blå"]];
      }
      return resume(housing);
    case "history":
    case "history-protected":
      if (only) only.revisions = earlierStates(only);
      if (housing) housing.isProtected = scene === "history-protected";
      return resume(housing);
    case "last-day":
    case "last-day-no-more":
      if (only) Object.assign(only, { daysLeft: 0, extended: scene === "last-day" ? 1 : 3 } satisfies Partial<FakeCase>);
      return resume(housing);
    case "time-up":
      if (only) only.daysLeft = -1;
      return resume(housing);
    case "discarded":
      if (only) only.discardedAt = minutesAgo(3);
      return resume(housing);
    case "discarded-protected":
      if (sheltered?.cases[0]) sheltered.cases[0].discardedAt = minutesAgo(3);
      return resume(sheltered);
    case "unreadable":
      if (only) only.readable = false;
      return resume(housing);
    case "rows": {
      const call = newCall("I", 1, 3);
      const preschool = newCase("plats-i-forskola");
      preschool.form.answers = {
        barn_personnummer: text("20231231-2388"),
        barn_namn: text("Tuva Norén"),
        vardnad: choice("gemensam"),
        vardnadshavarna: {
          type: "rows",
          rows: [
            { id: newId(), answers: { vh_personnummer: text("19990807-2391"), vh_namn: text("Leila Norén") } },
            { id: newId(), answers: {} },
          ],
        },
      };
      preschool.form.position = "vardnadshavare";
      call.cases = [preschool];
      calls.unshift(call);
      return resume(call);
    }
    case "kinds":
    case "kinds-table":
    case "kinds-errors":
    case "kinds-information": {
      const position = scene === "kinds" ? "sokande" : scene === "kinds-information" ? "bekrafta" : "behov";
      const call = everyKindCall(position, scene === "kinds-errors");
      calls.unshift(call);
      return resume(call);
    }
    case "files":
    case "files-protected": {
      const call = Object.assign(newCall("I", 1, 3), { isProtected: scene === "files-protected" });
      const permit = newCase("bygglov-altan");
      permit.form.answers = { situationsplan: { type: "files", files: [plan()] } };
      permit.form.position = "ritningar";
      call.cases = [permit];
      calls.unshift(call);
      return resume(call);
    }
    case "read-back":
    case "read-back-protected":
      if (only) only.form.answers = { ...COMPLETE };
      if (housing) housing.isProtected = scene === "read-back-protected";
      return resume(housing);
    case "protected":
      return resume(sheltered);
    case "queued":
      return resume(queued);
    case "unknown":
      return resume(unknown);
    case "uploading":
    case "withdrawing":
      if (unknown?.cases[0]) {
        const upload = { sent: 1_500_000, total: 6_200_000 };
        const status: CaseStatus =
          scene === "uploading" ? { state: "queued", at: minutesAgo(1_500) } : { state: "withdrawing", at: minutesAgo(50) };
        Object.assign(unknown.cases[0], { status, ...(scene === "uploading" && { upload, late: true }) });
      }
      return resume(unknown);
    case "needs-action":
      return resume(wedged);
    case "receipt":
      return resume(received);
    default:
      return resume(housing);
  }
}
