import "./styles/index.css";

import { createRoot } from "react-dom/client";

import { App } from "./app/App";
import { CrashScreen } from "./app/CrashScreen";
import { connect } from "./ipc";
import { overwriteGetLocale } from "./messages/runtime.js";
import { Workspace } from "./store/workspace";

async function start(): Promise<void> {
  const element = document.getElementById("root");
  if (!element) return;
  const root = createRoot(element);
  try {
    const workspace = await Workspace.open(await connect());
    overwriteGetLocale(() => workspace.preferences.value.language);
    root.render(<App workspace={workspace} />);
  } catch {
    root.render(<CrashScreen />);
  }
}

void start();
