// What the fake core shows of its calls and cases.
import type { CallView, CaseStatus, CaseView, FormView, QueueRow, ServiceSummary, ServiceView, StandingView, Text } from "./bindings";
import { contactOf, formatFault, formView } from "./fake-form";
import type { FakeDefinition } from "./fake-form";
import type { FakeCall, FakeCase } from "./fake-scenes";
import { extensionsLeft, keeping, onItsWay } from "./fake-vault";

function shown(value: string, isProtected: boolean): Text {
  return isProtected && value !== "" ? { shown: "masked", length: value.length } : { shown: "plain", text: value };
}

export function summaryOf({ id, name, summary, category, unit }: FakeDefinition): ServiceSummary {
  return { id, name, summary, category, unit };
}

export function serviceView(chosen: FakeDefinition): ServiceView {
  return {
    ...summaryOf(chosen),
    version: chosen.version,
    contact: contactOf(chosen),
    oral_filing: chosen.oral_filing,
    retention: chosen.retention,
    checklist: chosen.checklist ?? [],
    steps: chosen.steps.map((step) => step.title),
  };
}

/** What stands where a draft cannot be read. */
const NO_FORM: FormView = { rev: 0, position: "", steps: [], questions: [], remaining: [], sendable: false, complete: false };

export function standingView({ definition }: FakeCase, status: Extract<CaseStatus, { state: "received" }>): StandingView {
  const { case_number, at, standing } = status;
  return {
    case_number,
    service: definition.name,
    received_at: at,
    stage: standing?.stage ?? "received",
    at: standing?.at ?? at,
    message: standing?.message ?? null,
    secrecy_marking: false,
  };
}

export function callView(call: FakeCall): CallView {
  return {
    id: call.id,
    rev: call.rev,
    code: call.code,
    colour: call.colour,
    started_at: call.startedAt,
    ended_at: call.endedAt,
    protected: call.isProtected,
    note: call.note,
    asked_for: call.askedFor,
    name: shown(call.name, call.isProtected),
    phone: shown(call.phone, call.isProtected),
    identity_number: shown(call.identityNumber, call.isProtected),
    identity_number_fault: formatFault("personal_identity_number", call.identityNumber),
    phone_fault: formatFault("phone", call.phone),
    identity_level: call.identityLevel,
    language: call.language,
    cases: call.cases.map((one) => caseView(call, one)),
  };
}

export function caseView(call: FakeCall, one: FakeCase): CaseView {
  return {
    draft: one.draft,
    service: serviceView(one.definition),
    status: one.status,
    form: one.readable ? formView(one.definition, one.form, call.isProtected) : NO_FORM,
    confirmed: one.confirmed,
    saved_at: one.savedAt,
    set_aside: one.setAside,
    newer_version: one.newerVersion,
    readable: one.readable,
    keeping: keeping(call, one),
    on_its_way: onItsWay(one),
    extensions_left: extensionsLeft(one),
    discarded: one.discardedAt !== null,
    revised: one.revisions.length > 0,
  };
}

export function queueRow(call: FakeCall, one: FakeCase | undefined): QueueRow {
  return {
    call: call.id,
    draft: one?.draft ?? null,
    code: call.code,
    colour: call.colour,
    service: one?.definition.name ?? null,
    who: call.isProtected
      ? { who: "protected" }
      : call.name === ""
        ? { who: "nobody" }
        : { who: "named", name: call.name },
    case: one?.status ?? null,
    open: call.endedAt === null,
    keeping: one ? keeping(call, one) : null,
    on_its_way: one ? onItsWay(one) : null,
    updated_at: call.updatedAt,
  };
}
