import { Catalogue } from "../catalogue/Catalogue";
import { ServicePage } from "../catalogue/ServicePage";
import { FormScreen } from "../form/FormScreen";
import { m } from "../messages/messages.js";
import { Outcome } from "../outcome/Outcome";
import { Discarded } from "../keep/Discarded";
import { Unreadable } from "../keep/Unreadable";
import { Button } from "../parts/Button";
import { ReadBackScreen } from "../readback/ReadBackScreen";
import type { Call } from "../store/call";
import { useWorkspace } from "../store/context";
import { Observable, useObservable } from "../store/observable";
import type { Case } from "../store/call";
import type { Saving } from "../store/saver";
import { problemWords } from "../words/codes";

/** The one thing that is being done: finding, filling in, reading back, or seeing what became of it. */
export function Middle({ call }: { call: Call | null }) {
  return (
    <>
      <Problems call={call} />
      <Shown call={call} />
    </>
  );
}

function Shown({ call }: { call: Call | null }) {
  const place = useObservable(useWorkspace().place);
  const cases = useObservable(call?.cases ?? noCases);
  if (place.at === "service") return <ServicePage key={place.id} id={place.id} />;
  if (place.at === "catalogue" || !call) return <Catalogue call={call} />;
  const shown = cases.find(({ draft }) => draft === place.draft);
  const form = call.form(place.draft);
  if (!shown || !form) return <Catalogue call={call} />;
  if (shown.discarded) return <Discarded key={place.draft} call={call} shown={shown} form={form} />;
  if (!shown.readable && !isAway(shown)) return <Unreadable key={place.draft} shown={shown} form={form} />;
  if (shown.status.state !== "editing") return <Outcome key={place.draft} call={call} shown={shown} />;
  if (place.reading) return <ReadBackScreen key={place.draft} shown={shown} form={form} />;
  return <FormScreen key={place.draft} shown={shown} form={form} />;
}

/** What the municipality has, or will have, is not for the worker to start over. */
function isAway({ status: { state } }: Case): boolean {
  return ["queued", "sending", "unknown", "withdrawing", "received"].includes(state);
}

function Problems({ call }: { call: Call | null }) {
  const workspace = useWorkspace();
  const problem = useObservable(workspace.problem);
  const done = useObservable(workspace.done);
  const saving = useObservable<Saving>(call?.saving ?? allSaved);
  return (
    <div className="problems">
      {saving.state === "failed" && (
        <p className="problem" role="alert">
          {m.save_failed({ reason: problemWords(saving.code) })}
        </p>
      )}
      {problem !== null && (
        <div className="problem" role="alert">
          <p>{problemWords(problem)}</p>
          <Button look="quiet" onClick={() => workspace.problem.set(null)}>
            {m.close()}
          </Button>
        </div>
      )}
      {done && (
        <div className="notice done-line">
          <p>{done.text}</p>
          {done.undo && (
            <Button name="done.undo" onClick={done.undo}>
              {m.done_undo()}
            </Button>
          )}
          <Button look="quiet" onClick={() => workspace.done.set(null)}>
            {m.close()}
          </Button>
        </div>
      )}
    </div>
  );
}

const noCases = new Observable<Case[]>([]);
const allSaved = new Observable<Saving>({ state: "saved" });
