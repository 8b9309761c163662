/** Keeps the browser's own habits out of the window: menus, printing, reloading, and pages dropped on it. */
export function keepManners(): () => void {
  const stops = [
    on("contextmenu", (event) => !isText(event.target)),
    on("dragover", () => true),
    on("drop", () => true),
    on("keydown", (event) => isBrowserKey(event)),
  ];
  return () => stops.forEach((stop) => stop());
}

function on<Name extends keyof WindowEventMap>(name: Name, unwanted: (event: WindowEventMap[Name]) => boolean): () => void {
  const listen = (event: WindowEventMap[Name]): void => {
    if (unwanted(event)) event.preventDefault();
  };
  window.addEventListener(name, listen);
  return () => window.removeEventListener(name, listen);
}

function isText(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea");
}

/** Print, save the page, open a file, reload. */
function isBrowserKey({ key, ctrlKey, metaKey }: KeyboardEvent): boolean {
  return key === "F5" || ((ctrlKey || metaKey) && ["p", "r", "o", "u"].includes(key.toLowerCase()));
}
