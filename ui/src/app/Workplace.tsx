import { lazy, Suspense } from "react";

import { CallPane } from "../call/CallPane";
import { ProtectedBanner } from "../call/ProtectedBanner";
import { Palette } from "../commands/Palette";
import type { SessionView } from "../ipc";
import { m } from "../messages/messages.js";
import { Discard } from "../keep/Discard";
import { Queue } from "../queue/Queue";
import type { Call } from "../store/call";
import { useProtected, useWorkspace } from "../store/context";
import { useObservable } from "../store/observable";
import { Announcer } from "./Announcer";
import { Footer } from "./Footer";
import { Middle } from "./Middle";
import { TopBar } from "./TopBar";

// What is seldom opened is read from disk when it is.
const AskCase = lazy(async () => ({ default: (await import("../call/AskCase")).AskCase }));
const Certificates = lazy(async () => ({ default: (await import("../keep/Certificates")).Certificates }));
const Erase = lazy(async () => ({ default: (await import("../keep/Erase")).Erase }));
const Extend = lazy(async () => ({ default: (await import("../keep/Extend")).Extend }));
const Health = lazy(async () => ({ default: (await import("./Health")).Health }));
const History = lazy(async () => ({ default: (await import("../keep/History")).History }));
const KeySheet = lazy(async () => ({ default: (await import("../commands/KeySheet")).KeySheet }));
const PinDialog = lazy(async () => ({ default: (await import("./PinDialog")).PinDialog }));
const Preview = lazy(async () => ({ default: (await import("../keep/Preview")).Preview }));
const Settings = lazy(async () => ({ default: (await import("./Settings")).Settings }));

/** Three panes between the top bar and the footer. */
export function Workplace({ session }: { session: SessionView }) {
  const workspace = useWorkspace();
  const call = useObservable(workspace.call);
  const isProtected = useProtected();
  const callPane = useObservable(workspace.callPane);
  return (
    <div className="workplace" data-protected={isProtected} data-call-pane={callPane}>
      <TopBar session={session} isProtected={isProtected} />
      {session.demo && <p className="demo-banner">{m.app_demo()}</p>}
      {session.storage === "memory_only" && (
        <p className="memory-banner" role="alert">
          {m.app_memory_only()}
        </p>
      )}
      <Damaged />
      <div className="panes">
        <Queue />
        <main className="middle" data-pane="form" tabIndex={-1} aria-label={m.pane_form()}>
          {call && isProtected && <ProtectedBanner call={call} session={session} narrow />}
          <Middle call={call} />
        </main>
        <CallPane call={call} session={session} />
      </div>
      <Footer session={session} call={call} />
      <Suspense fallback={null}>
        <Dialogs call={call} />
      </Suspense>
      <Announcer />
    </div>
  );
}

function Dialogs({ call }: { call: Call | null }) {
  const dialog = useObservable(useWorkspace().dialog);
  if (dialog === "palette") return <Palette call={call} />;
  if (dialog === "keys") return <KeySheet />;
  if (dialog === "settings") return <Settings />;
  if (dialog === "pin") return <PinDialog />;
  if (dialog === "health") return <Health />;
  if (dialog === "ask_case") return <AskCase call={call} />;
  if (dialog === "certificates") return <Certificates />;
  if (dialog === null || dialog === "lower_protection") return null;
  const { draft } = dialog;
  if (dialog.about === "preview") return <Preview key={dialog.file} draft={draft} file={dialog.file} name={dialog.name} />;
  if (dialog.about === "erase") return <Erase draft={draft} service={dialog.service} code={dialog.code} />;
  const shown = call?.cases.value.find((each) => each.draft === draft);
  if (!shown) return null;
  if (dialog.about === "history") return <History draft={draft} />;
  return dialog.about === "discard" ? <Discard shown={shown} /> : <Extend shown={shown} />;
}

/** Records that cannot be read: nothing of them is thrown away, and somebody must know. */
function Damaged() {
  const count = useObservable(useWorkspace().desk)?.damaged ?? 0;
  if (count === 0) return null;
  return (
    <p className="memory-banner" role="alert">
      {m.damaged({ count })}
    </p>
  );
}
