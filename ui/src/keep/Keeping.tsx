import { aboutCase } from "../commands/keep";
import { readBack } from "../commands/moves";
import type { Keeping } from "../ipc";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { Icon } from "../parts/Icon";
import type { Case } from "../store/call";
import { useWorkspace } from "../store/context";
import { dayOfYear } from "../words/time";

/** The last day is a whole day: it goes the day after. */
export function keepingMark({ days_left }: Keeping): string {
  if (days_left < 0) return m.keeping_mark_over();
  return days_left === 0 ? m.keeping_mark_tomorrow() : m.keeping_mark({ days: days_left + 1 });
}

function keepingWords({ through, days_left }: Keeping): string {
  if (days_left < 0) return m.keeping_over();
  return days_left === 0 ? m.keeping_today() : m.keeping_through({ date: dayOfYear(through), days: days_left });
}

/** How long the draft is kept, and why not for ever. */
export function KeepingFacts({ shown }: { shown: Case }) {
  if (!shown.keeping) return null;
  return (
    <section className="call-section">
      <h3>{m.keeping_title()}</h3>
      <p>{keepingWords(shown.keeping)}</p>
      <p className="hint">{m.keeping_why()}</p>
    </section>
  );
}

function warning({ keeping, extensions_left }: Case): string {
  if (keeping && keeping.days_left < 0) return m.keeping_over();
  return extensions_left === 0 ? m.keeping_warn_no_more() : m.keeping_warn();
}

/** Little time is left: what happens, and the three ways out. */
export function KeepingNotice({ shown, reading = false }: { shown: Case; reading?: boolean }) {
  const workspace = useWorkspace();
  const { keeping, extensions_left } = shown;
  if (!keeping?.warn) return null;
  return (
    <section className="notice keeping-notice" aria-label={keepingMark(keeping)}>
      <p className="keeping-mark">
        <Icon name="hourglass" />
        {keepingMark(keeping)}
      </p>
      <p>{warning(shown)}</p>
      <div className="button-row">
        {!reading && <Button onClick={() => void readBack(workspace)}>{m.form_to_read_back()}</Button>}
        {extensions_left > 0 && <Button onClick={() => aboutCase(workspace, "extend")}>{m.command_extend()}</Button>}
        <Button onClick={() => aboutCase(workspace, "discard")}>{m.command_discard()}</Button>
      </div>
    </section>
  );
}
