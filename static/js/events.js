/**
 * From events to what the page shows: pure functions, no clock, no network, no page.
 *
 * A conversation is a list of entries in order. An entry is one question and what became of it, or a single note
 * (a message of the staff or of the system). Nothing here is changed in place: what is new is a new object, so a
 * drawer can tell by identity what to draw again.
 *
 * Rules of the protocol that live here: an event with an id at or below the cursor is a repetition and is ignored;
 * a higher attempt drops the partial text; nothing follows a final event; the final event carries the whole text.
 * A preview with a hole in it is never shown: events beyond a hole wait in `held` until the missing ones come.
 */

export const FINAL = new Set(["completed", "failed", "stopped"]);

/** @returns the state of a conversation nobody has written in. */
export function emptyState() {
  return { entries: [], reload: false };
}

/** Read `"2-17"` as `[2, 17]`; null when it is no event id. */
export function parseId(id) {
  const match = /^(\d{1,9})-(\d{1,9})$/.exec(typeof id === "string" ? id : "");
  return match && [Number(match[1]), Number(match[2])];
}

/** Tell whether event id `a` comes after `b` (null: before everything). Both must be readable. */
export function isAfter(a, b) {
  if (b === null) return true;
  const [left, right] = [parseId(a), parseId(b)];
  return left[0] === right[0] ? left[1] > right[1] : left[0] > right[0];
}

/** Tell whether nothing can be missing between `cursor` and `id`. */
function follows(id, cursor) {
  if (cursor === null) return true;
  const [next, last] = [parseId(id), parseId(cursor)];
  return next[0] === last[0] ? next[1] === last[1] + 1 : next[1] === 1;
}

const BLANK = {
  kind: "turn", turn: null, clientId: null, question: null, delivery: "sent", problem: null, status: null,
  cursor: null, held: [], partial: "", understood: null, answer: null, citations: [], notices: [],
  quickReplies: [], source: null, failure: null, rating: null,
};

/** Return the next state.
 *
 * Actions: `event` {event}, `history` {items}, `sent` {clientId, text, at}, `accepted` {message, turn},
 * `refused` {clientId, problem}, `resent` {clientId}, `discarded` {clientId}, `rated` {turn, rating}.
 */
export function reduce(state, action) {
  const handler = HANDLERS[action.type];
  return handler ? handler(state, action) : state;
}

/** Entries whose answer is not settled yet. */
export function unfinished(state) {
  return state.entries.filter((entry) => entry.turn && !FINAL.has(entry.status));
}

/** Questions that the server has not acknowledged yet, oldest first. */
export function unacknowledged(state) {
  return state.entries.filter((entry) => entry.delivery === "pending");
}

const HANDLERS = {
  event: (state, { event }) => onEvent(state, event),
  history: (state, { items }) => onHistory(state, items),
  sent: onSent,
  accepted: (state, { message, turn }) => onAccepted(state, message, turn),
  refused: (state, { clientId, problem }) =>
    change(state, (entry) => isWaiting(entry, clientId), (entry) => ({ ...entry, delivery: "failed", problem })),
  resent: (state, { clientId }) =>
    change(state, (entry) => entry.clientId === clientId && entry.delivery === "failed",
      (entry) => ({ ...entry, delivery: "pending", problem: null })),
  rated: (state, { turn, rating }) => change(state, (entry) => entry.turn === turn, (entry) => withRating(entry, rating)),
  discarded: (state, { clientId }) => ({
    ...state,
    entries: state.entries.filter((entry) => !(entry.clientId === clientId && entry.delivery !== "sent")),
  }),
};

const isWaiting = (entry, clientId) => entry.clientId === clientId && entry.delivery === "pending";

function change(state, chosen, next) {
  const index = state.entries.findIndex(chosen);
  return index < 0 ? state : replace(state, index, next(state.entries[index]));
}

function replace(state, index, entry) {
  if (state.entries[index] === entry) return state;
  const entries = state.entries.slice();
  entries[index] = entry;
  return { ...state, entries };
}

function onSent(state, { clientId, text, at }) {
  if (state.entries.some((entry) => entry.clientId === clientId)) return state;
  const question = { id: null, role: "user", text, created_at: at, client_id: clientId, turn: null };
  const entry = { ...BLANK, key: clientId, clientId, question, delivery: "pending" };
  return { ...state, entries: [...state.entries, entry] };
}

function onAccepted(state, message, turn) {
  const index = findTurn(state, turn, message.client_id);
  if (index < 0) {
    const entry = asked({ ...BLANK, key: message.client_id ?? turn }, message, turn);
    return { ...state, entries: [...state.entries, entry] };
  }
  return replace(state, index, asked(state.entries[index], message, turn));
}

function asked(entry, message, turn) {
  const status = entry.status ?? "queued";
  return { ...entry, turn, clientId: message.client_id, question: message, delivery: "sent", problem: null, status };
}

function findTurn(state, turn, clientId) {
  const byTurn = state.entries.findIndex((entry) => entry.turn === turn && turn !== null);
  if (byTurn >= 0 || !clientId) return byTurn;
  return state.entries.findIndex((entry) => entry.clientId === clientId);
}

function onEvent(state, event) {
  if (!event || typeof event.turn !== "string" || !parseId(event.id)) return state;
  const index = findTurn(state, event.turn, event.message?.client_id);
  if (index >= 0) {
    const before = state.entries[index];
    const entry = before.turn === null ? { ...before, turn: event.turn } : before;
    return replace(state, index, take(entry, event));
  }
  const entry = take({ ...BLANK, key: event.message?.client_id ?? event.turn, turn: event.turn }, event);
  // Without its question the turn is only half known: the page then asks for the messages.
  return { entries: [...state.entries, entry], reload: state.reload || entry.question === null };
}

/** Apply one event to its entry, or hold it while something before it is missing. */
function take(entry, event) {
  if (FINAL.has(entry.status) || !isAfter(event.id, entry.cursor)) return entry;
  const isOutcome = OUTCOMES.has(event.type);
  if (!isOutcome && !follows(event.id, entry.cursor)) return hold(entry, event);
  const next = moved(entry, event);
  // An unknown type changes nothing, but its place in the order is taken.
  return release(Object.hasOwn(APPLY, event.type) ? APPLY[event.type](next, event) : next);
}

function moved(entry, event) {
  const attempt = parseId(event.id)[0];
  const isNewAttempt = entry.cursor !== null && attempt > parseId(entry.cursor)[0];
  return { ...entry, cursor: event.id, partial: isNewAttempt ? "" : entry.partial };
}

function hold(entry, event) {
  if (entry.held.some((other) => other.id === event.id)) return entry;
  const held = [...entry.held, event].sort((a, b) => (isAfter(a.id, b.id) ? 1 : -1));
  return { ...entry, held };
}

function release(entry) {
  if (!entry.held.length) return entry;
  if (FINAL.has(entry.status)) return { ...entry, held: [] };
  const held = entry.held.filter((event) => isAfter(event.id, entry.cursor));
  const rest = { ...entry, held };
  if (!held.length || !follows(held[0].id, entry.cursor)) return rest;
  return take({ ...rest, held: held.slice(1) }, held[0]);
}

const OUTCOMES = new Set(["turn.completed", "turn.failed", "turn.stopped"]);

const APPLY = {
  "message.accepted": (entry, event) => asked(entry, event.message, event.turn),
  "turn.started": (entry) => ({ ...entry, status: "running" }),
  "turn.restarted": (entry) => ({ ...entry, status: "running", partial: "" }),
  "turn.understood": (entry, { intent, language }) => ({ ...entry, status: "running", understood: { intent, language } }),
  "turn.delta": (entry, { text }) => ({ ...entry, status: "running", partial: entry.partial + text }),
  "turn.completed": (entry, event) => ({
    ...settled(entry, "completed", event.message),
    citations: event.citations ?? [],
    notices: event.notices ?? [],
    quickReplies: event.quick_replies ?? [],
    source: event.source ?? null,
  }),
  "turn.failed": (entry, { code, words, retryable }) =>
    ({ ...settled(entry, "failed", null), failure: { code, words, retryable } }),
  "turn.stopped": (entry, event) =>
    ({ ...settled(entry, "stopped", event.message), citations: event.citations ?? [] }),
};

function settled(entry, status, answer) {
  return { ...entry, status, answer: answer ?? null, partial: "", held: [], delivery: "sent", problem: null };
}

/** Take over messages read from the server: they fill holes, and never undo what an event has told. */
function onHistory(state, items) {
  const entries = state.entries.slice();
  let place = -1;
  for (const item of groupByTurn(items)) {
    const found = entries.findIndex((entry) => isSame(entry, item));
    if (found >= 0) entries[found] = merged(entries[found], item);
    else entries.splice(place + 1, 0, item);
    place = found >= 0 ? found : place + 1;
  }
  const isSameAsBefore = entries.length === state.entries.length && entries.every((entry, at) => entry === state.entries[at]);
  return isSameAsBefore && !state.reload ? state : { entries, reload: false };
}

function isSame(entry, item) {
  if (entry.kind !== item.kind) return false;
  if (item.kind === "note") return entry.key === item.key;
  if (item.turn !== null && entry.turn === item.turn) return true;
  return item.clientId !== null && entry.clientId === item.clientId;
}

function merged(entry, item) {
  if (entry.kind === "note") return entry;
  if (FINAL.has(entry.status)) {
    const known = entry.question || !item.question ? entry : { ...entry, question: item.question, clientId: item.clientId };
    return FINAL.has(item.status) ? withRating(known, item.rating) : known;
  }
  if (!FINAL.has(item.status)) return entry.turn === item.turn && entry.question ? entry : asked(entry, item.question, item.turn);
  const { key, cursor } = entry;
  return { ...item, key, cursor, clientId: item.clientId ?? entry.clientId, question: item.question ?? entry.question };
}

/** What the customer thinks of the answer; undefined is not known, and changes nothing. */
function withRating(entry, rating) {
  const isSame = rating === undefined || JSON.stringify(rating) === JSON.stringify(entry.rating);
  return isSame ? entry : { ...entry, rating };
}

/** Turn the list of messages as the server gives it (oldest first) into entries. */
function groupByTurn(items) {
  const entries = [];
  for (const item of items) {
    if (item.role === "user") entries.push(questionEntry(item));
    else if (item.role === "assistant" && item.turn) answerInto(entries, item);
    else entries.push({ kind: "note", key: item.id, note: item });
  }
  return entries;
}

function questionEntry(item) {
  const entry = asked({ ...BLANK, key: item.client_id ?? item.turn ?? item.id }, messageOf(item), item.turn ?? null);
  const status = item.state ?? (item.turn ? "queued" : "completed");
  return { ...entry, status, failure: item.error ?? null };
}

function answerInto(entries, item) {
  const index = entries.findIndex((entry) => entry.turn === item.turn);
  const base = index >= 0 ? entries[index] : { ...BLANK, key: item.turn, turn: item.turn };
  const entry = {
    ...settled(base, item.state === "stopped" ? "stopped" : "completed", messageOf(item)),
    citations: item.citations ?? [],
    notices: item.notices ?? [],
    quickReplies: item.quick_replies ?? [],
    source: item.source ?? null,
    rating: item.rating,
  };
  if (index >= 0) entries[index] = entry;
  else entries.push(entry);
}

function messageOf({ id, role, text, created_at, client_id, turn }) {
  return { id, role, text, created_at, client_id: client_id ?? null, turn: turn ?? null };
}
