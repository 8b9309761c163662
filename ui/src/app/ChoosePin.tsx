import { useEffect, useId, useRef, useState } from "react";

import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { focusSoon } from "../parts/focus";
import { useWorkspace } from "../store/context";
import { problemWords } from "../words/codes";

/** A PIN, typed twice. What happens when it is forgotten is said before it is chosen. */
export function ChoosePin({ done, children }: { done: () => void; children?: React.ReactNode }) {
  const workspace = useWorkspace();
  const id = useId();
  const [pin, setPin] = useState("");
  const [again, setAgain] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const [setting, setSetting] = useState(false);
  const first = useRef<HTMLInputElement>(null);
  // A dialog takes the focus when it opens, after this.
  useEffect(() => focusSoon(() => first.current), []);
  const refuse = (words: string): void => {
    setFault(words);
    first.current?.focus();
  };
  const choose = async (): Promise<void> => {
    if (setting) return;
    if (pin !== again) return refuse(m.pin_differ());
    setSetting(true);
    const problem = await workspace.setPin(pin);
    setSetting(false);
    if (problem !== null) return refuse(problemWords(problem));
    workspace.announce(m.pin_set_done());
    done();
  };
  const field = (name: string, label: string, value: string, change: (value: string) => void) => (
    <>
      <label htmlFor={`${id}-${name}`}>{label}</label>
      <input
        id={`${id}-${name}`}
        ref={name === "new" ? first : undefined}
        name={`pin.${name}`}
        type="password"
        value={value}
        autoComplete="off"
        spellCheck={false}
        aria-describedby={`${id}-rules ${id}-fault`}
        aria-invalid={fault !== null}
        onChange={(event) => {
          change(event.target.value);
          setFault(null);
        }}
      />
    </>
  );
  return (
    <form
      className="pin-form"
      onSubmit={(event) => {
        event.preventDefault();
        void choose();
      }}
    >
      <p id={`${id}-rules`}>{m.pin_rules()}</p>
      <p className="pin-consequence">{m.pin_consequence()}</p>
      {field("new", m.pin_new(), pin, setPin)}
      {field("again", m.pin_again(), again, setAgain)}
      <p id={`${id}-fault`} className="fault" role="alert">
        {fault}
      </p>
      <p className="visually-hidden" role="status">
        {setting ? m.pin_setting() : ""}
      </p>
      <div className="button-row">
        <Button look="main" type="submit" aria-disabled={setting}>
          {m.pin_choose()}
        </Button>
        {children}
      </div>
    </form>
  );
}
