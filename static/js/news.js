/** What happened between two states that is worth telling: a pure comparison. */

import { FINAL } from "./events.js";

/**
 * Return a list of {kind, entry}; kinds are `answering`, `completed`, `failed`, `stopped`, `refused`, `agent`.
 *
 * An entry that `before` did not know is news only at the end: earlier messages that are read in later are not.
 */
export function news(before, after) {
  const known = new Map(before.entries.map((entry) => [entry.key, entry]));
  const newest = after.entries.findLastIndex((entry) => known.has(entry.key));
  return after.entries.flatMap((entry, index) => {
    const former = known.get(entry.key);
    if (former === entry || (!former && index < newest)) return [];
    return changes(former, entry).map((kind) => ({ kind, entry }));
  });
}

function changes(former, entry) {
  if (entry.kind === "note") return former ? [] : ["agent"];
  const found = [];
  if (entry.delivery === "failed" && former?.delivery !== "failed") found.push("refused");
  if (entry.status === (former?.status ?? null)) return found;
  if (FINAL.has(entry.status)) found.push(entry.status);
  else if (!former?.status) found.push("answering");
  return found;
}
