import { createContext, useContext } from "react";

import type { Field, Form } from "../store/form";
import { useObservable } from "../store/observable";

export const FormContext = createContext<{ form: Form } | null>(null);

export function useForm(): Form {
  const context = useContext(FormContext);
  if (!context) throw new Error("used outside a form");
  return context.form;
}

/** One question of the form around; only its own changes draw it again. */
export function useField(path: string): Field {
  const form = useForm();
  const field = form.field(path);
  if (!field) throw new Error("no such question in this form");
  return useObservable(field);
}
