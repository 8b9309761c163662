import { createContext, useCallback, useContext, useRef, useSyncExternalStore } from "react";

import type { Field, Form } from "../store/form";
import { useObservable } from "../store/observable";

export const FormContext = createContext<{ form: Form } | null>(null);

export function useForm(): Form {
  const context = useContext(FormContext);
  if (!context) throw new Error("used outside a form");
  return context.form;
}

/** The table's row around, for fields that stand in a cell. */
export interface Cell {
  /** Such as "Barn 2". */
  row: string;
  /** Id of the column's help. */
  help: string | undefined;
}

export const CellContext = createContext<Cell | null>(null);

export function useCell(): Cell | null {
  return useContext(CellContext);
}

/** One question of the form around; only its own changes draw it again. */
export function useField(path: string): Field {
  const form = useForm();
  const field = form.field(path);
  if (!field) throw new Error("no such question in this form");
  return useObservable(field);
}

/** Several questions of the form around, for what is drawn from all of them. `paths` is the same array as long as they are. */
export function useFields(paths: readonly string[]): Field[] {
  const form = useForm();
  const latest = useRef<Field[]>([]);
  const subscribe = useCallback(
    (notify: () => void) => {
      const stops = paths.map((path) => form.field(path)?.subscribe(notify));
      return () => stops.forEach((stop) => stop?.());
    },
    [form, paths],
  );
  return useSyncExternalStore(subscribe, () => {
    const now = paths.flatMap((path) => form.field(path)?.value ?? []);
    const before = latest.current;
    if (now.length !== before.length || now.some((field, index) => field !== before[index])) latest.current = now;
    return latest.current;
  });
}
