/**
 * The way around a network that lets no socket through: questions go by POST, answers come as server-sent events.
 * The events are the very same, so everything behind this file is, too.
 */

import { ApiError } from "./api.js";

const TYPES = [
  "message.accepted", "turn.started", "turn.understood", "turn.delta", "turn.completed", "turn.failed",
  "turn.stopped", "turn.restarted", "turn.tool",
];
const CLOSED = 2; // EventSource.CLOSED: refused, so the browser will not try again
const FINAL_TYPES = new Set(["turn.completed", "turn.failed", "turn.stopped"]);

export class HttpLane {
  #sources = new Map();

  /**
   * Args:
   *   api: the REST calls.
   *   conversation: id of the conversation.
   *   onFrame: called with events and with `error` frames, as the socket would give them.
   *   openSource: makes an EventSource for an address, replaceable in tests.
   */
  constructor({ api, conversation, onFrame, openSource = (url) => new EventSource(url) }) {
    Object.assign(this, { api, conversation, onFrame, openSource });
  }

  /** Ask; what comes back is told through `onFrame`. */
  ask(clientId, text) {
    return this.#told(clientId, async () => {
      const { message, turn } = await this.api.ask(this.conversation, clientId, text);
      this.onFrame({ type: "accepted", message, turn });
      this.follow(turn, null);
    });
  }

  /** Stop the answer of a turn. */
  stop(turn) {
    return this.#told(null, () => this.api.stop(turn));
  }

  /** Deliver the turn's events after the cursor; the browser itself resumes a broken stream. */
  follow(turn, after) {
    if (this.#sources.has(turn)) return;
    const source = this.openSource(this.api.eventsUrl(turn, after));
    this.#sources.set(turn, source);
    for (const type of TYPES) source.addEventListener(type, ({ data }) => this.#deliver(turn, JSON.parse(data)));
    source.onerror = () => source.readyState === CLOSED && this.#end(turn);
  }

  close() {
    for (const turn of [...this.#sources.keys()]) this.#end(turn);
  }

  /** Do it; a failure is told as the socket would tell it. */
  async #told(clientId, action) {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const { code, words, retryable, retryAfter } = error;
      const when = retryAfter && { retry_after: retryAfter };
      this.onFrame({ type: "error", client_id: clientId, code, words, retryable, ...when });
    }
  }

  #deliver(turn, event) {
    // The response ends after the final event, which a source would take for a break.
    if (FINAL_TYPES.has(event.type)) this.#end(turn);
    this.onFrame(event);
  }

  #end(turn) {
    this.#sources.get(turn)?.close();
    this.#sources.delete(turn);
  }
}
