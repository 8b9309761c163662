import { getLocale } from "../messages/runtime.js";

/** Bytes as people say them: 640 kB, 1,5 MB. */
export function fileSize(bytes: number): string {
  const number = new Intl.NumberFormat(getLocale() === "sv" ? "sv-SE" : "en-GB", { maximumFractionDigits: 1 });
  if (bytes < 1_000_000) return `${number.format(Math.max(1, Math.round(bytes / 1_000)))} kB`;
  return `${number.format(bytes / 1_000_000)} MB`;
}
