import type { LinkState, LinkView, SessionView } from "../ipc";
import { m } from "../messages/messages.js";
import { Icon, type IconName } from "../parts/Icon";
import type { Call } from "../store/call";
import { useWorkspace } from "../store/context";
import { useObservable } from "../store/observable";
import { linkWords } from "../words/health";
import { SaveState } from "./SaveState";

const ICONS: { [state in LinkState]: IconName } = {
  checking: "clock",
  connected: "cloud",
  unreachable: "cloud_off",
  wrong_server: "triangle",
  busy: "clock",
  sign_in_needed: "lock",
  too_old: "triangle",
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
  const waiting = link.state === "unreachable" || link.state === "busy" || link.state === "wrong_server";
  return (
    <>
      <p className={`link link-${link.state}`} role="status">
        <Icon name={ICONS[link.state]} />
        <span data-testid="link-state">{linkWords(link)}</span>
      </p>
      {waiting && (
        <button type="button" className="footer-action" onClick={() => void workspace.retryNow()}>
          {m.link_retry()}
        </button>
      )}
      {link.state === "sign_in_needed" && (
        <button type="button" className="footer-action" onClick={() => void workspace.signIn()}>
          {m.link_sign_in()}
        </button>
      )}
      <p className="kept">
        {memoryOnly ? m.link_drafts_memory({ count: link.drafts }) : m.link_drafts({ count: link.drafts })}
      </p>
      {link.queued > 0 && <p className="queued">{m.link_queued({ count: link.queued })}</p>}
      {link.needs_action > 0 && <p className="needs">{m.link_needs_action({ count: link.needs_action })}</p>}
    </>
  );
}
