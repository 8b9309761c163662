import { Component, type ReactNode } from "react";

import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { FullScreen } from "./FullScreen";

/** The window itself failed; what is saved is safe in the core. */
export function CrashScreen() {
  return (
    <FullScreen title={m.app_crashed_title()}>
      <p role="alert">{m.app_crashed_text()}</p>
      <Button look="main" onClick={() => window.location.reload()}>
        {m.app_reload()}
      </Button>
    </FullScreen>
  );
}

export class CrashBoundary extends Component<{ children: ReactNode }, { crashed: boolean }> {
  override state = { crashed: false };

  static getDerivedStateFromError(): { crashed: boolean } {
    return { crashed: true };
  }

  override render(): ReactNode {
    return this.state.crashed ? <CrashScreen /> : this.props.children;
  }
}
