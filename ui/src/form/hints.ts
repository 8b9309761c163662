import type { KindView } from "../ipc";
import { m } from "../messages/messages.js";
import { fileSize } from "../words/size";

const HINTS: { [kind in KindView["kind"]]?: () => string } = {
  date: () => m.form_date_hint(),
  time: () => m.form_time_hint(),
  personal_identity_number: () => m.form_pnr_hint(),
  organisation_number: () => m.form_org_hint(),
  postcode: () => m.form_postcode_hint(),
};

/** How it is written, where the definition has no help of its own. */
export function hintOf(kind: KindView): string | undefined {
  return HINTS[kind.kind]?.();
}

/** What the worker must know of the kind, whatever help the definition gives. */
export function factOf(kind: KindView): string | undefined {
  switch (kind.kind) {
    case "note":
      return m.form_note_hint();
    case "other_identity_number":
      return m.form_other_id_hint({ domain: kind.domain });
    case "files":
      return [
        m.file_rules({
          count: kind.max_count,
          size: fileSize(kind.max_size),
          types: kind.types.map((type) => type.toUpperCase()).join(", "),
        }),
        kind.max_total !== null && m.file_rules_total({ size: fileSize(kind.max_total) }),
      ]
        .filter(Boolean)
        .join(" ");
    default:
      return undefined;
  }
}

/** What the worker writes to the case officer: nobody has to answer. */
export function isQuiet({ kind }: KindView): boolean {
  return kind === "note" || kind === "unknown";
}
