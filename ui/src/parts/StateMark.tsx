import type { CaseStatus } from "../ipc";
import { stateMeaning, stateWords, type StateName } from "../words/states";
import { Icon, type IconName } from "./Icon";

const ICONS: { [state in StateName]: IconName } = {
  editing: "pencil",
  queued: "clock",
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
  return (
    <span className={`state-mark state-${status.state}`} title={stateMeaning(status)}>
      <Icon name={ICONS[status.state]} />
      <span data-testid="case-state">{stateWords(status)}</span>
    </span>
  );
}
