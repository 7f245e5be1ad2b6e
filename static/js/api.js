/** Calls to the REST interface, with the session of the page. */

/** A call that did not succeed. `status` is 0 when no answer came at all; `retryAfter` are seconds, if it says. */
export class ApiError extends Error {
  constructor(status, { code = "unreachable", words = "", retryable = status === 0 || status >= 500, retryAfter } = {}) {
    super(words || code);
    Object.assign(this, { status, code, words, retryable, retryAfter });
  }
}

export class Api {
  /**
   * Args:
   *   base: address that all paths start with, ending in a slash.
   *   csrfToken: the token that proves that a change was asked for by our own page.
   *   fetch: the browser's fetch, replaceable in tests.
   */
  constructor({ base, csrfToken, fetch = (...call) => globalThis.fetch(...call) }) {
    Object.assign(this, { base, csrfToken, fetch });
  }

  conversation(id) {
    return this.#call("GET", `conversations/${id}/`);
  }

  changeConversation(id, change) {
    return this.#call("PATCH", `conversations/${id}/`, change);
  }

  /** The newest conversations that have all the words in their title or messages. */
  async findConversations(words) {
    const { results } = await this.#call("GET", `conversations/?archived=all&page_size=30&q=${encodeURIComponent(words)}`);
    return results;
  }

  deleteConversation(id) {
    return this.#call("DELETE", `conversations/${id}/`);
  }

  createConversation() {
    return this.#call("POST", "conversations/", {});
  }

  /** All messages of a conversation in order, page after page. */
  async messages(conversation) {
    const path = `conversations/${conversation}/messages/`;
    const messages = [];
    for (let query = ""; query !== null; ) {
      const { results, next } = await this.#call("GET", path + query);
      messages.push(...results);
      // Only the query is taken over: the server may know itself by another name behind a proxy.
      query = next ? new URL(next, location.href).search : null;
    }
    return messages;
  }

  ask(conversation, clientId, text) {
    return this.#call("POST", `conversations/${conversation}/messages/`, { client_id: clientId, text });
  }

  stop(turn) {
    return this.#call("POST", `turns/${turn}/stop`, {});
  }

  /** Rate an answer: {value, reasons, comment}; null takes the rating back. Returns what is kept. */
  async rate(turn, rating) {
    if (rating) return this.#call("PUT", `turns/${turn}/rating`, rating);
    await this.#call("DELETE", `turns/${turn}/rating`);
    return null;
  }

  eventsUrl(turn, after) {
    const query = after ? `?after=${encodeURIComponent(after)}` : "";
    return `${this.base}turns/${turn}/events${query}`;
  }

  async #call(method, path, body) {
    const response = await this.#answered(method, path, body);
    const content = await response.json().catch(() => ({}));
    if (!response.ok) throw new ApiError(response.status, problemIn(content));
    return content;
  }

  async #answered(method, path, body) {
    const headers = { Accept: "application/json" };
    if (method !== "GET") Object.assign(headers, { "Content-Type": "application/json", "X-CSRFToken": this.csrfToken });
    try {
      const options = { method, headers, credentials: "same-origin", body: body && JSON.stringify(body) };
      return await this.fetch(this.base + path, options);
    } catch (error) {
      if (error instanceof TypeError) throw new ApiError(0); // what fetch throws when nothing answers
      throw error;
    }
  }
}

function problemIn(content) {
  const { code = "error", title: words = "", retryable, retry_after: retryAfter } = content ?? {};
  return { code, words, retryable, retryAfter };
}
