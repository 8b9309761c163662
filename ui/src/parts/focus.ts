/** Moves focus once what was just decided has been drawn. */
export function focusSoon(find: () => HTMLElement | null | undefined): void {
  setTimeout(() => find()?.focus(), 0);
}

export function isDrawn(element: Element | null): boolean {
  return (element?.getClientRects().length ?? 0) > 0;
}

/** The field of a question, or of the caller. */
export function fieldElement(path: string): HTMLElement | null {
  const within = document.querySelector<HTMLElement>(`[data-field="${CSS.escape(path)}"]`);
  return within?.querySelector<HTMLElement>("input:not([aria-hidden]), textarea, button:not(.later)") ?? within;
}

export function focusField(path: string): void {
  focusSoon(() => fieldElement(path));
}
