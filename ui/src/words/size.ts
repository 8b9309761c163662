import { m } from "../messages/messages.js";
import { getLocale } from "../messages/runtime.js";

const MEGABYTE = 1_024 * 1_024;
const GIGABYTE = 1_024 * MEGABYTE;

/** How much of a case's files the municipality has. */
export function filesSent({ sent, total }: { sent: number; total: number }): string {
  return m.files_sent({ sent: sent === 0 ? "0 kB" : fileSize(sent), total: fileSize(total) });
}

/** Bytes as people say them: 640 kB, 1,5 MB. */
export function fileSize(bytes: number): string {
  const number = new Intl.NumberFormat(getLocale() === "sv" ? "sv-SE" : "en-GB", { maximumFractionDigits: 1 });
  if (bytes < MEGABYTE) return `${number.format(Math.max(1, Math.round(bytes / 1_024)))} kB`;
  if (bytes < GIGABYTE) return `${number.format(bytes / MEGABYTE)} MB`;
  return `${number.format(bytes / GIGABYTE)} GB`;
}
