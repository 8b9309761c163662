import { useEffect, useState } from "react";

import type { OralFiling, ServiceView } from "../ipc";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { ContactCard } from "../parts/ContactCard";
import { focusSoon } from "../parts/focus";
import { useWorkspace } from "../store/context";
import { useObservable } from "../store/observable";
import { ipcError } from "../ipc";

const ORAL: { [filing in OralFiling]: () => string } = {
  accepted: () => m.service_oral_accepted(),
  written_required: () => m.service_oral_written_required(),
  signature_required: () => m.service_oral_signature_required(),
};

/** The start page of an e-service: what it takes, and whom to transfer the call to. */
export function ServicePage({ id }: { id: string }) {
  const workspace = useWorkspace();
  const [service, setService] = useState<ServiceView | null>(null);
  useEffect(() => {
    let late = false;
    workspace.backend.commands.service({ id }).then(
      (view) => {
        if (late) return;
        setService(view);
        focusSoon(() => document.querySelector<HTMLElement>(".service-page .button-main"));
      },
      (thrown: unknown) => workspace.problem.set(ipcError(thrown).code),
    );
    return () => {
      late = true;
    };
  }, [workspace, id]);
  if (!service) return null;
  return <Page service={service} />;
}

function Page({ service }: { service: ServiceView }) {
  const workspace = useWorkspace();
  const call = useObservable(workspace.call);
  const start = async (): Promise<void> => {
    await workspace.chooseService(service.id);
    focusSoon(() => document.querySelector<HTMLElement>(".step-fields :is(input, textarea, button)"));
  };
  return (
    <article className="sheet service-page">
      <header className="sheet-head">
        <p className="eyebrow">{service.category}</p>
        <h1 tabIndex={-1}>{service.name}</h1>
        <p>{service.summary}</p>
      </header>
      <div className="button-row">
        <Button look="main" onClick={() => void start()}>
          {call ? m.service_start() : m.service_start_with_call()}
        </Button>
        <Button onClick={() => workspace.place.set({ at: "catalogue" })}>{m.back()}</Button>
      </div>
      <div className="service-facts">
        {service.checklist.length > 0 && (
          <section>
            <h2>{m.service_checklist()}</h2>
            <ul className="bullets">
              {service.checklist.map((item) => (
                <li key={item}>{item}</li>
              ))}
            </ul>
          </section>
        )}
        <section>
          <h2>{m.service_steps()}</h2>
          <ol className="numbered">
            {service.steps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </section>
        <section>
          <h2>{m.service_oral()}</h2>
          <p>{ORAL[service.oral_filing]()}</p>
          <p className="hint">{m.service_retention({ days: service.retention.draft_days })}</p>
        </section>
        <section>
          <h2>{m.service_contact()}</h2>
          <ContactCard contact={service.contact} unit={service.unit} />
        </section>
      </div>
    </article>
  );
}
