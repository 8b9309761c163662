import { useEffect, useRef, useState } from "react";

import { m } from "../messages/messages.js";
import { Button } from "./Button";
import { Icon } from "./Icon";

/** A value shown by holding a button is covered again after this time at the latest. */
const REMASK_MS = 30_000;
const DOTS = "••••••••";

interface Props {
  label: string;
  labelledBy?: string;
  describedBy?: string | undefined;
  /** Characters, for the screen reader; the dots always look the same. */
  length: number;
  /** Asks the core for the value; it is logged there. */
  reveal: () => Promise<string | null>;
  edit?: (text: string) => void;
}

/** A covered value: shown while the button is held, by pointer or key, and never left open. */
export function Masked({ label, labelledBy, describedBy, length, reveal, edit }: Props) {
  const [shown, hold, release] = useHeld(reveal);
  const name = label.toLowerCase();
  return (
    <div className="masked" role="group" aria-labelledby={labelledBy} aria-describedby={describedBy}>
      <span className="masked-value" aria-live="polite" onCopy={(event) => event.preventDefault()}>
        {shown === null ? (
          <>
            <span aria-hidden="true">{DOTS}</span>
            <span className="visually-hidden">{m.masked_text({ count: length })}</span>
          </>
        ) : (
          shown
        )}
      </span>
      <button
        type="button"
        className="button button-plain hold"
        aria-label={m.masked_reveal({ label: name })}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          hold();
        }}
        onPointerUp={release}
        onPointerCancel={release}
        onBlur={release}
        onKeyDown={(event) => {
          if (event.key !== " " && event.key !== "Enter") return;
          event.preventDefault();
          if (!event.repeat) hold();
        }}
        onKeyUp={release}
        onContextMenu={(event) => event.preventDefault()}
      >
        <Icon name="eye" />
        <span>{m.masked_reveal_short()}</span>
      </button>
      {edit && (
        <Button
          className="hold"
          aria-label={m.masked_change({ label: name })}
          onClick={() => void reveal().then((text) => text !== null && edit(text))}
        >
          {m.masked_change_short()}
        </Button>
      )}
    </div>
  );
}

function useHeld(reveal: () => Promise<string | null>): [string | null, () => void, () => void] {
  const [shown, setShown] = useState<string | null>(null);
  const held = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const release = useRef(() => {
    held.current = 0;
    clearTimeout(timer.current);
    setShown(null);
  }).current;
  const hold = (): void => {
    const turn = performance.now();
    held.current = turn;
    timer.current = setTimeout(release, REMASK_MS);
    void reveal().then((text) => {
      // Let go in the meantime: the answer is not shown.
      if (held.current === turn) setShown(text);
    });
  };
  useEffect(() => {
    window.addEventListener("blur", release);
    return () => {
      window.removeEventListener("blur", release);
      clearTimeout(timer.current);
    };
  }, [release]);
  return [shown, hold, release];
}
