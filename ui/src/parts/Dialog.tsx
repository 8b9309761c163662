import { useEffect, useId, useRef, type ReactNode } from "react";

import { m } from "../messages/messages.js";
import { Button } from "./Button";

interface Props {
  title: string;
  close: () => void;
  className?: string;
  children: ReactNode;
  /** Leaves out the heading row, for a dialog whose first field says what it is. */
  bare?: boolean;
}

/** A native modal dialog: focus begins at `data-first`, if anything has it. Esc closes it and loses nothing; focus goes back to where it was. */
export function Dialog({ title, close, className = "", children, bare = false }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const before = document.activeElement;
    const element = dialog.current;
    element?.showModal();
    element?.querySelector<HTMLElement>("[data-first]")?.focus();
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={`dialog ${className}`}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget) close();
      }}
    >
      <div className="dialog-inside">
        <header className={bare ? "visually-hidden" : "dialog-head"}>
          <h2 id={heading}>{title}</h2>
          {!bare && (
            <Button look="quiet" onClick={close} keys="Esc">
              {m.close()}
            </Button>
          )}
        </header>
        {children}
      </div>
    </dialog>
  );
}
