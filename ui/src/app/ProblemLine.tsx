import { useWorkspace } from "../store/context";
import { useObservable } from "../store/observable";
import { problemWords } from "../words/codes";

/** What did not succeed: what the session says, or what the last thing tried came to. */
export function ProblemLine({ code }: { code: string | null }) {
  const problem = useObservable(useWorkspace().problem);
  const shown = problem ?? code;
  if (shown === null) return null;
  return (
    <p className="problem" role="alert">
      {problemWords(shown)}
    </p>
  );
}
