import { getLocale } from "../messages/runtime.js";

/** A number as it is written in the window's language; other text as it is. */
export function number(text: string): string {
  if (!/^-?\d+(\.\d+)?$/.test(text)) return text;
  const locale = getLocale() === "sv" ? "sv-SE" : "en-GB";
  return new Intl.NumberFormat(locale, { maximumFractionDigits: 20, useGrouping: "min2" }).format(Number(text));
}
