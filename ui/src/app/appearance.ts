import { useLayoutEffect, useSyncExternalStore } from "react";

import type { Theme } from "../ipc";
import { useObservable } from "../store/observable";
import type { Workspace } from "../store/workspace";

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const contrast = window.matchMedia("(prefers-contrast: more)");

/** Puts theme, text size, language and session on the root element, where the style sheets read them. */
export function useAppearance(workspace: Workspace): void {
  const { theme, text_size, language } = useObservable(workspace.preferences);
  const { state, covered } = useObservable(workspace.session);
  const system = useSyncExternalStore(subscribe, systemTheme);
  useLayoutEffect(() => {
    const root = document.documentElement;
    root.lang = language;
    root.dataset["theme"] = shownTheme(theme, system);
    root.dataset["text"] = String(text_size);
    root.dataset["session"] = covered ? "covered" : state;
  }, [theme, system, text_size, language, state, covered]);
}

function shownTheme(theme: Theme, system: Exclude<Theme, "system">): Exclude<Theme, "system"> {
  return theme === "system" ? system : theme;
}

function systemTheme(): Exclude<Theme, "system"> {
  if (contrast.matches) return "contrast";
  return dark.matches ? "dark" : "light";
}

function subscribe(changed: () => void): () => void {
  for (const query of [dark, contrast]) query.addEventListener("change", changed);
  return () => {
    for (const query of [dark, contrast]) query.removeEventListener("change", changed);
  };
}
