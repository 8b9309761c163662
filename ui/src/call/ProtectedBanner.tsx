import type { SessionView } from "../ipc";
import { m } from "../messages/messages.js";
import { Icon } from "../parts/Icon";
import type { Call } from "../store/call";

interface Props {
  call: Call;
  session: SessionView;
  /** The one in the form's pane, shown while the call pane is away. */
  narrow?: boolean;
}

/** What to do and not to do; it never goes away while the call is protected. */
export function ProtectedBanner({ call, session, narrow = false }: Props) {
  const title = `protected-${call.id}-${narrow ? "form" : "call"}`;
  return (
    <section className={`protected-banner ${narrow ? "protected-banner-narrow" : ""}`} aria-labelledby={title}>
      <h2 id={title}>
        <Icon name="shield" />
        {m.protected_title()}
      </h2>
      <ul>
        <li>{m.protected_do_1()}</li>
        <li>{m.protected_do_2()}</li>
        <li>{m.protected_do_3()}</li>
      </ul>
      <p className="protected-capture">
        {session.content_protection === "on" ? m.protected_content_on() : m.protected_content_unavailable()}{" "}
        {m.masked_logged()}
      </p>
    </section>
  );
}
