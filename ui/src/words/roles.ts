import type { QuestionView } from "../ipc";
import { m } from "../messages/messages.js";

type Role = NonNullable<QuestionView["role"]>;
type RoleName = Extract<Role, string> | "proxy";

const WORDS: { [role in RoleName]: () => string } = {
  applicant: () => m.party_applicant(),
  co_applicant: () => m.party_co_applicant(),
  guardian: () => m.party_guardian(),
  child: () => m.party_child(),
  proxy: () => m.party_proxy(),
  company_representative: () => m.party_company_representative(),
  organisation: () => m.party_organisation(),
  signing_party: () => m.party_signing_party(),
};

/** The part that someone has in the case. */
export function roleWords(role: Role): string {
  return WORDS[typeof role === "string" ? role : "proxy"]();
}
