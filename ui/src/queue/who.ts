import type { Who } from "../ipc";
import { m } from "../messages/messages.js";

/** Who a row is about, as a list may show it. */
export function callName(who: Who): string {
  switch (who.who) {
    case "nobody":
      return m.queue_nobody();
    case "named":
      return who.name;
    case "protected":
      return m.queue_protected();
  }
}

/** Initials of a name, at most two. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  return [words[0], words.length > 1 ? words.at(-1) : ""].map((word) => word?.charAt(0).toLocaleUpperCase("sv-SE") ?? "").join("");
}
