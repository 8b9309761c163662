import { useEffect, useRef, type ReactNode } from "react";

import type { SessionView } from "../ipc";
import { m } from "../messages/messages.js";
import { Mark } from "../parts/Mark";

interface Props {
  title: string;
  session?: SessionView;
  children: ReactNode;
}

/** A screen with one thing to do, outside the workplace. */
export function FullScreen({ title, session, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  const screen = useRef<HTMLElement>(null);
  useEffect(() => {
    // A field that is there to be typed in keeps the focus that it took.
    if (!screen.current?.contains(document.activeElement)) heading.current?.focus();
  }, [title]);
  return (
    <main className="full-screen" ref={screen}>
      {session?.demo && <p className="demo-banner">{m.app_demo()}</p>}
      <div className="full-screen-card">
        <p className="full-screen-product">
          <Mark />
          {m.app_name()}
        </p>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {children}
      </div>
      {session && (
        <p className="full-screen-foot">
          {session.municipality && <span>{m.sign_in_municipality({ name: session.municipality })}</span>}
          <span>{m.sign_in_version({ version: session.version })}</span>
        </p>
      )}
    </main>
  );
}
