import { goToQuestion } from "../commands/moves";
import { KeepingFacts } from "../keep/Keeping";
import { m } from "../messages/messages.js";
import { ContactCard } from "../parts/ContactCard";
import type { Call, Case } from "../store/call";
import { useWorkspace } from "../store/context";
import { useObservable } from "../store/observable";
import type { Form } from "../store/form";
import { stateSay } from "../words/states";

/** For the case on screen: what may be said, what to have at hand, what is left, whom to transfer to. */
export function CaseFacts({ call }: { call: Call }) {
  const place = useObservable(useWorkspace().place);
  const cases = useObservable(call.cases);
  const shown = place.at === "case" ? cases.find(({ draft }) => draft === place.draft) : undefined;
  const form = shown && call.form(shown.draft);
  if (!shown || !form) return null;
  return (
    <>
      {shown.status.state === "editing" && !shown.discarded && shown.readable && (
        <>
          <Say shown={shown} />
          <KeepingFacts shown={shown} />
          <Remaining form={form} />
          {shown.service.checklist.length > 0 && (
            <section className="call-section">
              <h3>{m.call_checklist()}</h3>
              <ul className="bullets">
                {shown.service.checklist.map((item) => (
                  <li key={item}>{item}</li>
                ))}
              </ul>
            </section>
          )}
        </>
      )}
      <section className="call-section">
        <h3>{m.call_transfer()}</h3>
        <ContactCard contact={shown.service.contact} unit={shown.service.unit} />
      </section>
    </>
  );
}

/** The exact words for the state; the other states say theirs in the middle pane. */
function Say({ shown }: { shown: Case }) {
  return (
    <section className="say" aria-label={m.say_title()}>
      <h3>{m.say_title()}</h3>
      <blockquote>{stateSay(shown.status)}</blockquote>
    </section>
  );
}

function Remaining({ form }: { form: Form }) {
  const workspace = useWorkspace();
  const { remaining } = useObservable(form.outline);
  return (
    <section className="call-section">
      <h3>
        {m.call_remaining()}
        {remaining.length > 0 && <span className="count">{remaining.length}</span>}
      </h3>
      {remaining.length === 0 ? (
        <p className="done">{m.call_remaining_none()}</p>
      ) : (
        <ul className="remaining">
          {remaining.map(({ question, label }) => (
            <li key={question}>
              <button type="button" className="link-button" onClick={() => goToQuestion(workspace, question)}>
                {label}
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
