import { useEffect } from "react";
import { I18nProvider } from "react-aria-components";

import { listenToKeys } from "../commands/listen";
import { WorkspaceProvider } from "../store/context";
import { useObservable } from "../store/observable";
import { needsPin } from "../store/session";
import type { Workspace } from "../store/workspace";
import { BlockedScreen } from "./BlockedScreen";
import { CoveredScreen } from "./CoveredScreen";
import { CrashBoundary } from "./CrashScreen";
import { IdleWarning } from "./IdleWarning";
import { LockedScreen } from "./LockedScreen";
import { PinRequired } from "./PinRequired";
import { SignInScreen } from "./SignInScreen";
import { reportActivity } from "./activity";
import { useAppearance } from "./appearance";
import { keepManners } from "./manners";
import { Workplace } from "./Workplace";

export function App({ workspace }: { workspace: Workspace }) {
  const { language } = useObservable(workspace.preferences);
  useAppearance(workspace);
  useEffect(() => listenToKeys(workspace), [workspace]);
  useEffect(() => reportActivity(workspace), [workspace]);
  useEffect(keepManners, []);
  useEffect(() => {
    const mask = (): void => workspace.call.value?.mask();
    window.addEventListener("blur", mask);
    return () => window.removeEventListener("blur", mask);
  }, [workspace]);
  return (
    <CrashBoundary>
      <I18nProvider locale={language === "sv" ? "sv-SE" : "en-GB"}>
        <WorkspaceProvider value={workspace}>
          {/* Another language draws everything anew. */}
          <Screen key={language} workspace={workspace} />
        </WorkspaceProvider>
      </I18nProvider>
    </CrashBoundary>
  );
}

function Screen({ workspace }: { workspace: Workspace }) {
  const session = useObservable(workspace.session);
  if (session.covered) return <CoveredScreen session={session} />;
  switch (session.state) {
    case "signed_out":
    case "signing_in":
      return <SignInScreen session={session} />;
    case "locked":
      return <LockedScreen session={session} />;
    case "blocked":
      return <BlockedScreen session={session} />;
    case "open":
      if (needsPin(session)) return <PinRequired session={session} />;
      return (
        <>
          <Workplace session={session} />
          <IdleWarning />
        </>
      );
  }
}
