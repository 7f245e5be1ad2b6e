/** Times and days as people read them, in the language of the page. */

import { say } from "./words.js";

/** The page's language, in the reader's own variety of it where the browser names one. */
function locale() {
  const language = globalThis.document?.documentElement.lang || "en";
  return globalThis.navigator?.languages?.find((one) => one.startsWith(language)) ?? language;
}

const formats = new Map();

function format(options) {
  const key = JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale(), options));
  return formats.get(key);
}

/** "10:42" */
export const timeOf = (iso) => format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(iso));

/** "21 November 2026 at 10:42" */
export const fullTimeOf = (iso) =>
  format({ dateStyle: "long", timeStyle: "short", hourCycle: "h23" }).format(new Date(iso));

/** "21 November 2026", for a date without a time ("2026-11-21"). */
export function dateOf(iso) {
  const [year, month, day] = iso.split("-").map(Number);
  return format({ dateStyle: "long" }).format(new Date(year, month - 1, day));
}

/** A key that is the same for two instants of one local day. */
export function dayKey(iso) {
  const date = new Date(iso);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

/** "Today", "Yesterday" or "Friday, 20 November" (with the year when it is another one). */
export function dayOf(iso, now = new Date()) {
  const date = new Date(iso);
  const midnight = (instant) => new Date(instant.getFullYear(), instant.getMonth(), instant.getDate());
  const days = Math.round((midnight(now) - midnight(date)) / 86_400_000);
  if (days === 0) return say("day.today");
  if (days === 1) return say("day.yesterday");
  const year = date.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return format({ weekday: "long", day: "numeric", month: "long", year }).format(date);
}
