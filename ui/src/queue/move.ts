import type { KeyboardEvent } from "react";

/** J and K as well as the arrows, only while the list has focus. */
export function moveInList(event: KeyboardEvent<HTMLUListElement>): void {
  const by = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
  if (by === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>(".queue-row")];
  const here = rows.findIndex((row) => row === document.activeElement);
  rows[Math.max(0, Math.min(rows.length - 1, here + by))]?.focus();
  event.preventDefault();
}
