import { m } from "../messages/messages.js";

interface Props {
  path: string;
  text: string;
  change: (text: string) => void;
}

/** The free text of the alternative "other". */
export function OtherText({ path, text, change }: Props) {
  return (
    <label className="other">
      <span>{m.form_other()}</span>
      <input
        type="text"
        name={`${path}.other`}
        value={text}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => change(event.target.value)}
      />
    </label>
  );
}
