/** Follows a turn with the npm package `eventsource`; tells what came, and how often it connected. */

import { EventSource } from "eventsource";

const [url, key] = process.argv.slice(2);
const types = [];
let connects = 0;
const source = new EventSource(url, {
  fetch: (input, init) => {
    connects += 1;
    return fetch(input, { ...init, headers: { ...init.headers, Authorization: `Bearer ${key}` } });
  },
});
const names = ["message.accepted", "turn.started", "turn.understood", "turn.delta", "turn.completed", "turn.failed", "turn.stopped"];
for (const type of names) source.addEventListener(type, () => types.push(type));
source.addEventListener("error", ({ code }) => {
  if (source.readyState !== EventSource.CLOSED) return; // a break, after which it comes back
  console.log(JSON.stringify({ types, connects, code }));
});
