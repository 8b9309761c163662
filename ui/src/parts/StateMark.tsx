import type { CaseStatus } from "../ipc";
import { useLink } from "../store/context";
import { stateMeaning, stateWords, type StateName } from "../words/states";
import { Icon, type IconName } from "./Icon";

const ICONS: { [state in StateName]: IconName } = {
  editing: "pencil",
  queued: "clock",
  sending: "clock",
  unknown: "question",
  withdrawing: "back",
  received: "tick",
  needs_action: "triangle",
};

export function stateIcon(state: StateName): IconName {
  return ICONS[state];
}

/** Icon and words of a case's state, in its colour. */
export function StateMark({ status }: { status: CaseStatus }) {
  const link = useLink();
  return (
    <span className={`state-mark state-${status.state}`} title={stateMeaning(status, link)}>
      <Icon name={ICONS[status.state]} />
      <span data-testid="case-state">{stateWords(status)}</span>
    </span>
  );
}
