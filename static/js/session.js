/**
 * One conversation on the page: holds its state, sends questions, follows answers, and puts things right after a
 * break. It draws nothing.
 */

import { ApiError } from "./api.js";
import { Connection } from "./connection.js";
import { emptyState, reduce, unacknowledged, unfinished } from "./events.js";
import { HttpLane } from "./http_lane.js";
import { say } from "./words.js";

const FRESH_MS = 15_000;
const TRIES_BEFORE_DOUBT = 3;
const POLL_MS = 15_000;

export class Session {
  #lane = null;
  #askedAgain = new Map();
  #unsent = new Set();
  #ratings = 0;
  #rated = Promise.resolve();

  /**
   * Args:
   *   api: the REST calls.
   *   drafts: where unsent questions are kept.
   *   conversation: its id, or null while there is none.
   *   socketUrl: function from a conversation's id to the address of its socket.
   *   items: the messages that the page came with, oldest first.
   *   on: what to call: change(state, before), connection(state), created(id), renamed(title), filed(conversation)
   *     for what else is told of it, gone(), problem(words),
   *     limited(text, seconds) for a question that came too soon; tells whether it took the words back.
   *   environment: handed to the connection; replaceable in tests.
   */
  constructor({ api, drafts, conversation, socketUrl, items = [], on, environment = {} }) {
    Object.assign(this, { api, drafts, conversation, socketUrl, on, environment });
    this.firstMessage = items[0]?.id ?? null;
    this.state = reduce(emptyState(), { type: "history", items });
    this.connection = null;
    this.stopping = null;
    for (const item of drafts.outbox) this.#restore(item);
    this.#clearOutbox();
  }

  /** Show a question of an earlier visit that was not sent. Without a conversation it waits for a click: another tab
   * may be making one for it at this moment. */
  #restore(item) {
    this.state = reduce(this.state, { type: "sent", ...item });
    this.#unsent.add(item.clientId);
    if (this.conversation) return;
    const problem = { code: "unreachable", words: say("error.notSent"), retryable: true };
    this.state = reduce(this.state, { type: "refused", clientId: item.clientId, problem });
  }

  /** Open the connection, if there is a conversation to connect to. */
  start() {
    this.on.change(this.state, emptyState());
    if (this.conversation) this.#connect();
  }

  /** Ask. The question stands on the page at once; it is sent as soon as it can be. */
  async ask(text) {
    const sent = { clientId: newId(), text, at: new Date().toISOString() };
    this.drafts.keep(sent);
    this.#unsent.add(sent.clientId);
    this.#dispatch({ type: "sent", ...sent });
    await this.#deliver(sent);
  }

  /** Send a question again that could not be sent; the same id, so it can never be asked twice. */
  async resend(clientId) {
    this.#dispatch({ type: "resent", clientId });
    const entry = this.state.entries.find((one) => one.clientId === clientId);
    if (entry) await this.#deliver({ clientId, text: entry.question.text });
  }

  /** Take a question that could not be sent off the page. */
  discard(clientId) {
    this.#dispatch({ type: "discarded", clientId });
  }

  /** The turn whose answer is being written (or waited for), if any. */
  get running() {
    return unfinished(this.state)[0] ?? null;
  }

  /** The words of the newest question, or an empty text. */
  get lastQuestion() {
    return this.state.entries.findLast((entry) => entry.question)?.question.text ?? "";
  }

  /** Whether a question would go out now. */
  get isCarried() {
    return this.#lane !== null || this.connection === null || this.connection.state.name === "connected";
  }

  /** Stop the answer that is being written. */
  stop() {
    const turn = this.running?.turn;
    if (!turn || !this.isCarried) return;
    if (this.#lane) this.#lane.stop(turn);
    else this.connection.send({ type: "turn.stop", turn });
    this.stopping = turn;
    this.on.change(this.state, this.state);
  }

  /**
   * Rate an answer ({value, reasons, comment}; null takes it back); tell whether that is kept. The page shows it at
   * once, and what was before if it could not be kept. One after the other, so that the last one stands.
   */
  rate(turn, rating) {
    const before = this.state.entries.find((entry) => entry.turn === turn)?.rating ?? null;
    this.#ratings += 1;
    this.#dispatch({ type: "rated", turn, rating });
    const number = this.#ratings;
    const isKept = this.#rated.then(() => this.#keepRating({ turn, rating, before, number }));
    this.#rated = isKept.catch(() => false);
    return isKept;
  }

  async #keepRating({ turn, rating, before, number }) {
    try {
      const kept = await this.api.rate(turn, rating);
      if (number === this.#ratings) this.#dispatch({ type: "rated", turn, rating: kept });
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (number === this.#ratings) this.#dispatch({ type: "rated", turn, rating: before });
      this.on.problem(error.words || worded(error.code));
      return false;
    }
  }

  async #deliver({ clientId, text }) {
    if (this.conversation) this.#transmit(clientId, text);
    else if (!this.isBeginning) await this.#begin();
  }

  /** Make the conversation; whatever was asked meanwhile goes out when its socket is ready. */
  async #begin() {
    this.isBeginning = true;
    try {
      const { id } = await this.api.createConversation();
      this.conversation = id;
      this.drafts.moveTo(id);
      this.on.created(id);
      this.#connect();
    } catch (error) {
      this.#refuseAll(error);
    } finally {
      this.isBeginning = false;
    }
  }

  #connect() {
    this.connection = new Connection({
      url: this.socketUrl(this.conversation),
      onState: (state) => this.#onConnection(state),
      onReady: (frame) => this.#onReady(frame),
      onFrame: (frame) => this.#onFrame(frame),
      isWaiting: () => this.running !== null || unacknowledged(this.state).length > 0,
      environment: this.environment,
    });
    this.connection.open();
  }

  #transmit(clientId, text) {
    const isSent = this.connection.send({ type: "message.send", client_id: clientId, text });
    if (!isSent && this.#lane) this.#lane.ask(clientId, text);
  }

  #onConnection(state) {
    if (state.name === "reconnecting" && state.failures % TRIES_BEFORE_DOUBT === 0) this.#doubt();
    // With the lane in use a socket that fails again is no news.
    const isCarried = this.#lane && ["connecting", "reconnecting"].includes(state.name);
    this.on.connection(isCarried ? { ...state, name: "blocked" } : state);
  }

  /** After every break: follow what runs from where we stand, send what was not acknowledged, read what was missed. */
  #onReady({ running }) {
    this.#lane?.close();
    this.#lane = null;
    this.#askedAgain.clear();
    const cursors = new Map(unfinished(this.state).map(({ turn, cursor }) => [turn, cursor]));
    for (const { turn } of running) if (!cursors.has(turn)) cursors.set(turn, null);
    for (const [turn, after] of cursors) this.connection.send({ type: "follow", turn, after });
    for (const entry of unacknowledged(this.state)) this.#transmit(entry.clientId, entry.question.text);
    const isFresh = !this.wasReady && this.#age() < FRESH_MS;
    this.wasReady = true;
    if (!isFresh) this.refresh();
  }

  #age() {
    return globalThis.performance?.now() ?? Infinity;
  }

  #onFrame(frame) {
    if (frame.type === "error") this.#onError(frame);
    else if (frame.type === "accepted") this.#dispatch(frame);
    else if (frame.type === "conversation.changed") this.#onChanged();
    else if (frame.type === "conversation.gone") this.on.gone();
    else this.#dispatch({ type: "event", event: frame });
  }

  /** The title, the state or a rating is another one. */
  #onChanged() {
    this.#readTitle();
    this.refresh();
  }

  #onError({ client_id: clientId, code, words, retryable, retry_after: seconds }) {
    if (!clientId) return this.on.problem(words || worded(code));
    this.#dispatch({ type: "refused", clientId, problem: { code, words: words || worded(code), retryable } });
    if (code === "rate_limited") this.#offerBack(clientId, seconds);
    return undefined;
  }

  /** Too much at once: the words go back to where they were written, if there is room for them. */
  #offerBack(clientId, seconds) {
    const entry = this.state.entries.find((one) => one.clientId === clientId);
    if (entry?.delivery === "failed" && this.on.limited(entry.question.text, seconds)) this.discard(clientId);
  }

  #dispatch(action) {
    const before = this.state;
    this.state = reduce(before, action);
    if (this.state === before) return;
    this.#clearOutbox();
    if (this.stopping !== this.running?.turn) this.stopping = null;
    this.#fillHoles();
    this.on.change(this.state, before);
  }

  #clearOutbox() {
    for (const clientId of this.#unsent) {
      const entry = this.state.entries.find((one) => one.clientId === clientId);
      if (entry && entry.delivery !== "sent") continue;
      this.#unsent.delete(clientId);
      this.drafts.drop(clientId);
    }
  }

  /** Ask once more for what is missing: events before those that are held, or the question of an unknown turn. */
  #fillHoles() {
    for (const { turn, cursor, held } of unfinished(this.state)) {
      if (!held.length || this.#askedAgain.get(turn) === cursor) continue;
      this.#askedAgain.set(turn, cursor);
      this.connection?.send({ type: "follow", turn, after: cursor });
    }
    if (this.state.reload && !this.reading) this.refresh();
  }

  /** Read the messages again, from the first one that stands on the page. */
  async refresh() {
    this.reading = true;
    const ratings = this.#ratings;
    try {
      const items = await this.api.messages(this.conversation);
      const first = items.findIndex((item) => item.id === this.firstMessage);
      // What was rated here meanwhile is newer than what was read.
      const known = ratings === this.#ratings ? items : items.map((item) => ({ ...item, rating: undefined }));
      this.#dispatch({ type: "history", items: known.slice(Math.max(0, first)) });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error; // the next connection reads them
    } finally {
      this.reading = false;
    }
  }

  async #readTitle() {
    try {
      const conversation = await this.api.conversation(this.conversation);
      if (conversation.title) this.on.renamed(conversation.title);
      this.on.filed?.(conversation);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error; // the old title stays until the next change
    }
  }

  /**
   * Sockets keep failing: find out whether we are signed out, the conversation or the server is
   * away, or only sockets are.
   */
  async #doubt() {
    try {
      await this.api.conversation(this.conversation);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if ([401, 403].includes(error.status)) this.connection.signOut();
      // Deleted while nobody told this page. Said by the desk itself: a proxy's 404 must not cost a draft.
      if (error.status === 404 && error.code === "not_found") this.on.gone();
      return;
    }
    if (!this.connection.wasReady && !this.#lane) this.#takeLane();
  }

  #takeLane() {
    this.connection.giveWay();
    this.#lane = new HttpLane({ api: this.api, conversation: this.conversation, onFrame: (frame) => this.#onFrame(frame) });
    this.wasReady = true;
    this.refresh();
    for (const { turn, cursor } of unfinished(this.state)) this.#lane.follow(turn, cursor);
    for (const entry of unacknowledged(this.state)) this.#lane.ask(entry.clientId, entry.question.text);
    this.#poll();
  }

  /** Without a socket nobody tells of turns that began elsewhere: look now and then, while anybody looks. */
  #poll() {
    if (!this.#lane) return;
    if (document.visibilityState === "visible") this.refresh();
    this.connection.environment.setTimeout(() => this.#poll(), POLL_MS);
  }

  #refuseAll(error) {
    if (!(error instanceof ApiError)) throw error;
    const code = [401, 403].includes(error.status) ? "signedOut" : error.code;
    const problem = { code, words: error.words || worded(code), retryable: true };
    for (const { clientId } of unacknowledged(this.state)) {
      this.#dispatch({ type: "refused", clientId, problem });
      if (code === "rate_limited") this.#offerBack(clientId, error.retryAfter);
    }
  }
}

function worded(code) {
  if (code === "unreachable") return say("error.unreachable");
  return code === "signedOut" ? say("error.signedOut") : say("error.unknown");
}

/** A new id made here; `randomUUID` exists on https and localhost only. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
