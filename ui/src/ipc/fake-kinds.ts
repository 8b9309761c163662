// What the fake core says of a question's kind.
import type { KindView, Row } from "./bindings";
import type { FakeQuestion } from "./fake-form";
import { blocks } from "./fake-rich";

/** Kinds that the caller is not asked for. */
const ASKS_NOTHING = new Set(["information", "stop", "note"]);
/** Kinds that the real crate knows; of others the worker may note what is said. */
const KNOWN = new Set([
  ...["text", "text_area", "note", "number", "money", "date", "time", "radio", "drop_down", "checkbox", "phone", "email"],
  ...["personal_identity_number", "other_identity_number", "organisation_number", "postcode", "address", "files", "group"],
  ...["information", "stop", "confirm"],
]);

export function isAsked(kind: string): boolean {
  return KNOWN.has(kind) && !ASKS_NOTHING.has(kind);
}

export function kindView(question: FakeQuestion, rows: Row[]): KindView {
  const choices = question.choices ?? [];
  const other = question.other ?? null;
  switch (question.kind) {
    case "text":
      return { kind: "text", max_length: question.max_length ?? null, covered: question.covered ?? false };
    case "text_area":
      return { kind: "text_area", max_length: question.max_length ?? null };
    case "other_identity_number":
      return { kind: "other_identity_number", domain: question.domain ?? "" };
    case "number":
      return { kind: "number", unit: question.unit ?? null };
    case "radio":
    case "drop_down":
    case "checkbox":
      return { kind: question.kind, choices, other };
    case "files":
      return {
        kind: "files",
        max_count: question.max_count ?? 1,
        max_size: question.max_size ?? 0,
        max_total: question.max_total ?? null,
        types: question.types ?? [],
      };
    case "group":
      return {
        kind: "group",
        row_label: question.row_label ?? "",
        layout: question.layout ?? "rows",
        single: question.max_rows === 1,
        can_add: rows.length < (question.max_rows ?? Infinity),
        can_remove: rows.length > (question.min_rows ?? 0),
      };
    case "information":
    case "stop":
      return { kind: question.kind, text: blocks(question.text) };
    case "confirm":
      return { kind: "confirm", statement: question.statement ?? "", text: blocks(question.text) };
    case "note":
    case "money":
    case "date":
    case "time":
    case "personal_identity_number":
    case "organisation_number":
    case "phone":
    case "email":
    case "postcode":
    case "address":
      return { kind: question.kind };
    default:
      return { kind: "unknown" };
  }
}
