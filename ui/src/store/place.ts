/** What the middle pane shows. */
export type Place =
  | { at: "catalogue" }
  | { at: "service"; id: string }
  | { at: "case"; draft: string; reading: boolean };

export type Dialog = "palette" | "keys" | "settings" | "pin" | "health" | "lower_protection";
