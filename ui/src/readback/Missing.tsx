import type { ReadBack } from "../ipc";
import { m } from "../messages/messages.js";

/** What is not answered, and whether the case may go without it. */
export function Missing({ script }: { script: ReadBack }) {
  if (script.missing.length === 0) return null;
  return (
    <section className="missing" aria-label={m.read_back_missing_title()}>
      <h3>{m.read_back_missing_title()}</h3>
      <ul className="bullets">
        {script.missing.map((label) => (
          <li key={label}>{label}</li>
        ))}
      </ul>
      <p>
        {script.oral_filing === "accepted" ? m.read_back_missing_accepted() : m.read_back_missing_required()}
      </p>
    </section>
  );
}
