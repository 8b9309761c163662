import { getLocale } from "../messages/runtime.js";

const ZONE = "Europe/Stockholm";

function locale(): string {
  return getLocale() === "sv" ? "sv-SE" : "en-GB";
}

/** The hour in Sweden: 14.05 in Swedish, 14:05 in English. */
export function hour(iso: string): string {
  const text = new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit", timeZone: ZONE }).format(new Date(iso));
  return getLocale() === "sv" ? text.replace(":", ".") : text;
}

/** Such as "22 november 2026". */
export function day(iso: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "long", timeZone: ZONE }).format(new Date(iso));
}

/** A day such as 2026-12-08, as "8 december"; with its year when it is another than this. */
export function dayOfYear(date: string, now: Date = new Date()): string {
  const year = date.slice(0, 4) === day(now.toISOString()).slice(-4) ? {} : ({ year: "numeric" } as const);
  return new Intl.DateTimeFormat(locale(), { day: "numeric", month: "long", ...year, timeZone: ZONE }).format(
    new Date(`${date}T12:00:00Z`),
  );
}

/** The hour for today, the date and hour before that. */
export function moment(iso: string): string {
  return isToday(iso) ? hour(iso) : `${day(iso)} ${hour(iso)}`;
}

export function isToday(iso: string, now: Date = new Date()): boolean {
  return day(iso) === day(now.toISOString());
}

/** The hour for today, the date before that: for lists. */
export function shortTime(iso: string): string {
  if (isToday(iso)) return hour(iso);
  return new Intl.DateTimeFormat(locale(), { day: "numeric", month: "short", timeZone: ZONE }).format(new Date(iso));
}

/** How long between two times: 06:12, or 1:06:12. */
export function duration(from: string, to: Date): string {
  const seconds = Math.max(0, Math.floor((to.getTime() - new Date(from).getTime()) / 1000));
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, "0"));
  const hours = Math.floor(seconds / 3600);
  return hours > 0 ? `${hours}:${parts.join(":")}` : parts.join(":");
}
