import { useId } from "react";

interface Props<Id extends string> {
  label: string;
  name: string;
  chosen: string | null;
  choices: readonly { id: Id; label: string }[];
  choose: (id: Id) => void;
}

/** A small set of alternatives with its own label, outside forms. */
export function Radios<Id extends string>({ label, name, chosen, choices, choose }: Props<Id>) {
  const heading = useId();
  return (
    <div className="radios" role="radiogroup" aria-labelledby={heading}>
      <p className="radios-label" id={heading}>
        {label}
      </p>
      <div className="choices">
        {choices.map(({ id, label: words }) => (
          <label key={id} className="choice">
            <input type="radio" name={name} value={id} checked={chosen === id} onChange={() => choose(id)} />
            <span>{words}</span>
          </label>
        ))}
      </div>
    </div>
  );
}
