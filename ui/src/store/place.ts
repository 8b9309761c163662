/** What the middle pane shows. */
export type Place =
  | { at: "catalogue" }
  | { at: "service"; id: string }
  | { at: "case"; draft: string; reading: boolean };

export type Dialog = "palette" | "keys" | "settings" | "pin" | "health" | "lower_protection" | "certificates" | "ask_case" | CaseDialog;

/** A dialog about one draft. */
export type CaseDialog =
  | { about: "history" | "discard" | "extend"; draft: string }
  | { about: "erase"; draft: string; service: string; code: string }
  | { about: "preview"; draft: string; file: string; name: string };

/** What was just done, said on screen, with a way back where there is one. */
export interface Done {
  text: string;
  undo?: () => void;
}
