// What stands beside a question: how it is asked, why, and whom it is about.
import { m } from "../messages/messages.js";
import { Icon } from "../parts/Icon";
import { useWorkspace } from "../store/context";
import type { Question } from "../store/form";
import { useObservable } from "../store/observable";
import { roleWords } from "../words/roles";

/** The question as it is said, in ask view. */
export function Ask({ question }: { question: Question }) {
  const askView = useObservable(useWorkspace().askView);
  if (!askView || !question.ask) return null;
  return (
    <p className="ask" lang="sv">
      {question.ask}
    </p>
  );
}

/** Which earlier answer it follows from, in ask view. */
export function Because({ question }: { question: Question }) {
  const askView = useObservable(useWorkspace().askView);
  if (!askView || !question.asked_because) return null;
  return (
    <p className="because">
      {m.form_because()} <span lang="sv">{question.asked_because}</span>
    </p>
  );
}

/** Whom the answer is about, unless the label says so. */
export function RoleTag({ question: { role, label } }: { question: Question }) {
  if (role === null) return null;
  const words = roleWords(role);
  const said = label.toLocaleLowerCase("sv").includes(words.toLocaleLowerCase("sv"));
  if (said) return null;
  return (
    <>
      {" "}
      <span className="tag">{words}</span>
    </>
  );
}

/** A question that this version cannot ask. */
export function ForCaseOfficer() {
  return (
    <p className="unknown">
      <Icon name="pencil" />
      <span>{m.form_unknown()}</span>
    </p>
  );
}
