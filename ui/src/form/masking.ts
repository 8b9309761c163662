import { useEffect, useRef, type ClipboardEvent, type DragEvent } from "react";

import type { Form, Question } from "../store/form";

/** A revealed value is covered again after this time without a key press. */
export const REMASK_MS = 30_000;

const stop = (event: ClipboardEvent | DragEvent): void => event.preventDefault();

/** Stops copying, cutting and dragging out of a field. */
export const noCopy = { onCopy: stop, onCut: stop, onDragStart: stop };

/** While a masked answer is being edited: no copying, and covered again when left alone. */
export function useEditingMask(form: Form, question: Question, text: string): typeof noCopy | Record<string, never> {
  const masked = question.answer.shown === "masked";
  const latest = useRef(form);
  latest.current = form;
  useEffect(() => {
    if (!masked) return;
    const timer = setTimeout(() => {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
      latest.current.left(question.path);
    }, REMASK_MS);
    return () => clearTimeout(timer);
  }, [masked, text, question.path]);
  return masked ? noCopy : {};
}
