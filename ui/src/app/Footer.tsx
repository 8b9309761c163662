import type { LinkState, LinkView, SessionView } from "../ipc";
import { m } from "../messages/messages.js";
import { Icon, type IconName } from "../parts/Icon";
import type { Call } from "../store/call";
import { useWorkspace } from "../store/context";
import { useObservable } from "../store/observable";
import { clockWords, linkAdvice, linkWords } from "../words/link";
import { SaveState } from "./SaveState";

const ICONS: { [state in LinkState]?: IconName } = {
  checking: "clock",
  connected: "cloud",
  no_network: "cloud_off",
  unreachable: "cloud_off",
  no_answer: "cloud_off",
  busy: "clock",
  maintenance: "clock",
  sign_in_needed: "lock",
};

/** Contact with the municipality, what is kept here and whether it is saved, in words. */
export function Footer({ session, call }: { session: SessionView; call: Call | null }) {
  const desk = useObservable(useWorkspace().desk);
  return (
    <footer className="footer" data-pane="footer" tabIndex={-1} aria-label={m.link_status()}>
      {desk && <Link link={desk.link} memoryOnly={session.storage === "memory_only"} />}
      {call && <SaveState call={call} />}
    </footer>
  );
}

function Link({ link, memoryOnly }: { link: LinkView; memoryOnly: boolean }) {
  const workspace = useWorkspace();
  const { state } = link;
  const advice = linkAdvice(link, memoryOnly);
  const clock = clockWords(link);
  return (
    <>
      <div className="link-status" role="status">
        <p className={advice ? "link link-closed" : `link link-${state}`}>
          <Icon name={ICONS[state] ?? "triangle"} />
          <span data-testid="link-state">{linkWords(link)}</span>
        </p>
        {advice && <p className="link-advice">{advice}</p>}
        {clock && (
          <p className="link link-clock">
            <Icon name="clock" />
            {clock}
          </p>
        )}
      </div>
      {advice && state !== "sign_in_needed" && (
        <button type="button" className="footer-action" onClick={() => void workspace.retryNow()}>
          {m.link_retry()}
        </button>
      )}
      {state === "sign_in_needed" && (
        <button type="button" className="footer-action" onClick={() => void workspace.signIn()}>
          {m.link_sign_in()}
        </button>
      )}
      <p className="kept">
        {memoryOnly ? m.link_drafts_memory({ count: link.drafts }) : m.link_drafts({ count: link.drafts })}
      </p>
      {link.queued > 0 && <p className="queued">{m.link_queued({ count: link.queued })}</p>}
      {link.unknown > 0 && <p className="queued">{m.link_unknown({ count: link.unknown })}</p>}
      {link.news > 0 && <p className="queued">{m.link_news({ count: link.news })}</p>}
      {link.needs_action > 0 && <p className="needs">{m.link_needs_action({ count: link.needs_action })}</p>}
    </>
  );
}
