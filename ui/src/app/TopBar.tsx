import { chordWords } from "../commands/chord";
import { newCall } from "../commands/moves";
import { command, toggleCallPane } from "../commands/table";
import type { SessionView, WorkerView } from "../ipc";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { Icon } from "../parts/Icon";
import { Keys } from "../parts/Keys";
import { Mark } from "../parts/Mark";
import { useWorkspace } from "../store/context";
import { useObservable } from "../store/observable";

const ROLES: { [role in WorkerView["role"]]: () => string } = {
  agent: () => m.role_agent(),
  case_officer: () => m.role_case_officer(),
  team_lead: () => m.role_team_lead(),
  auditor: () => m.role_auditor(),
  admin: () => m.role_admin(),
};

export function keysOf(id: string): string | undefined {
  const keys = command(id)?.keys;
  return keys && chordWords(keys);
}

export function TopBar({ session, isProtected }: { session: SessionView; isProtected: boolean }) {
  const workspace = useWorkspace();
  const shown = useObservable(workspace.callPane) === "shown";
  return (
    <header className="top" data-pane="top" tabIndex={-1} aria-label={m.top_bar()}>
      <p className="product">
        <Mark />
        {m.app_name()}
      </p>
      {isProtected ? (
        <p className="mode">
          <Icon name="shield" />
          {m.protected_title()}
        </p>
      ) : (
        <p className="municipality">{session.municipality}</p>
      )}
      <button type="button" className="palette-button" onClick={() => workspace.dialog.set("palette")}>
        <Icon name="search" />
        <span>{m.top_palette()}</span>
        <Keys keys={keysOf("palette") ?? ""} />
      </button>
      <Button look="main" icon="phone" className="new-call" keys={keysOf("new_call")} onClick={() => void newCall(workspace)}>
        {m.top_new_call()}
      </Button>
      <Button look="quiet" className="top-call" keys={keysOf("call_pane")} onClick={() => toggleCallPane(workspace)}>
        {shown ? m.pane_call_hide() : m.pane_call_show()}
      </Button>
      <Button look="quiet" onClick={() => workspace.dialog.set("settings")}>
        {m.top_settings()}
      </Button>
      <Button look="quiet" icon="lock" className="top-lock" onClick={() => void workspace.lock()}>
        {m.top_lock()}
      </Button>
      {session.worker && (
        <p className="worker" title={m.top_worker({ name: session.worker.name, role: ROLES[session.worker.role]() })}>
          <span aria-hidden="true">{session.worker.initials}</span>
          <span className="visually-hidden">
            {m.top_worker({ name: session.worker.name, role: ROLES[session.worker.role]() })}
          </span>
        </p>
      )}
    </header>
  );
}
