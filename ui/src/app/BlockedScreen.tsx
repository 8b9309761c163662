import type { SessionView } from "../ipc";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { useWorkspace } from "../store/context";
import { problemWords } from "../words/codes";
import { FullScreen } from "./FullScreen";

interface State {
  title: string;
  /** What the worker does, one thing after the other. */
  todo: string[];
}

/** Signed in, and the drafts cannot be opened: why, and what to do. Nothing is removed or made anew here. */
export function BlockedScreen({ session }: { session: SessionView }) {
  const workspace = useWorkspace();
  const code = session.problem ?? "unknown";
  const { title, todo } = stateOf(code);
  return (
    <FullScreen title={title} session={session}>
      <p className="problem" role="alert">
        {problemWords(code)}
      </p>
      <p>{m.blocked_kept()}</p>
      <ol className="blocked-todo">
        {todo.map((words) => (
          <li key={words}>{words}</li>
        ))}
      </ol>
      <div className="button-row">
        <Button look="main" data-testid="sign-in" onClick={() => void workspace.signIn()}>
          {m.try_again()}
        </Button>
        <Button onClick={() => void workspace.signOut()}>{m.blocked_sign_out()}</Button>
      </div>
      <p className="hint">{m.blocked_code({ code })}</p>
    </FullScreen>
  );
}

function stateOf(code: string): State {
  switch (code) {
    case "keychain_locked":
      return { title: m.blocked_keychain_title(), todo: [m.blocked_unlock_keychain(), m.blocked_then_try()] };
    case "key_lost":
      return { title: m.blocked_key_lost_title(), todo: [m.blocked_other_account(), m.blocked_contact(), m.blocked_elsewhere()] };
    case "other_keychain":
      return { title: m.blocked_other_keychain_title(), todo: [m.blocked_where_saved(), m.blocked_contact(), m.blocked_elsewhere()] };
    case "store_unreadable":
      return { title: m.blocked_unreadable_title(), todo: [m.blocked_touch_nothing(), m.blocked_contact(), m.blocked_elsewhere()] };
    case "store_newer":
      return { title: m.blocked_newer_title(), todo: [m.blocked_update(), m.blocked_then_try()] };
    case "store_in_use":
      return { title: m.blocked_in_use_title(), todo: [m.blocked_other_window(), m.blocked_then_try()] };
    case "disk_full":
      return { title: m.blocked_disk_title(), todo: [m.blocked_make_room(), m.blocked_then_try()] };
    default:
      return { title: m.blocked_title(), todo: [m.blocked_then_try(), m.blocked_support()] };
  }
}
