import { useEffect, useState, type InputHTMLAttributes, type ReactNode } from "react";

import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { noCopy, REMASK_MS } from "./masking";

interface Props {
  input: InputHTMLAttributes<HTMLInputElement> & { value: string };
  /** The question's, for the name of the button. */
  label: string;
  children: ReactNode;
}

/**
 * Dots instead of what is typed, until the worker asks to see it. Not a password field: the webview would offer to keep
 * what is in it.
 */
export function CoveredInput({ input, label, children }: Props) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!shown) return;
    const cover = (): void => setShown(false);
    const timer = setTimeout(cover, REMASK_MS);
    window.addEventListener("blur", cover);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("blur", cover);
    };
  }, [shown, input.value]);
  return (
    <div
      className="input-line"
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setShown(false);
      }}
    >
      <input {...input} type="text" {...(shown ? {} : { className: "covered", ...noCopy })} />
      <Button
        icon="eye"
        // Focus stays in the field, so that leaving it covers it again.
        onMouseDown={(event) => event.preventDefault()}
        onClick={() => setShown(!shown)}
      >
        {shown ? m.covered_hide() : m.covered_show()}
        <span className="visually-hidden" lang="sv">
          : {label}
        </span>
      </Button>
      {children}
    </div>
  );
}
