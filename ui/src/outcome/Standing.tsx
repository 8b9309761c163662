import type { Standing as Told } from "../ipc";
import { m } from "../messages/messages.js";
import { moment } from "../words/time";

/** What has become of a received case, with the case officer's words to the caller. */
export function Standing({ standing }: { standing: Told }) {
  return (
    <section className="standing" aria-label={m.standing_title()}>
      <p className="hint">{m.standing_since({ time: moment(standing.at) })}</p>
      {standing.message !== null && <Message text={standing.message} />}
    </section>
  );
}

/** Words to be read aloud as they are. */
export function Message({ text }: { text: string }) {
  return (
    <figure className="say">
      <figcaption>{m.standing_message()}</figcaption>
      <blockquote data-testid="standing-message">{text}</blockquote>
    </figure>
  );
}
