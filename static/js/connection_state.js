/** Says in words how the connection is, with a countdown while it is broken. */

import { say } from "./words.js";

const WITH_RETRY = new Set(["reconnecting", "offline", "dormant"]);

export class ConnectionState {
  #timer = null;

  /** Args: element: holds `[data-words]`, `[data-retry]` and `[data-sign-in]`; retry: called for "Retry now". */
  constructor({ element, retry }) {
    this.element = element;
    this.words = element.querySelector("[data-words]");
    this.retry = element.querySelector("[data-retry]");
    this.signIn = element.querySelector("[data-sign-in]");
    this.retry.addEventListener("click", retry);
  }

  /** Show a state of the connection: {name, retryAt}. */
  show({ name, retryAt }) {
    clearInterval(this.#timer);
    this.element.hidden = name === "idle";
    this.element.dataset.state = name;
    this.retry.hidden = !WITH_RETRY.has(name);
    this.signIn.hidden = name !== "signed-out";
    this.#say(name, retryAt);
    if (name === "reconnecting") this.#timer = setInterval(() => this.#say(name, retryAt), 1_000);
  }

  #say(name, retryAt) {
    const seconds = Math.ceil(((retryAt ?? 0) - Date.now()) / 1_000);
    if (name !== "reconnecting") this.words.textContent = say(`connection.${name}`);
    else this.words.textContent = seconds > 0 ? say("connection.reconnecting", { seconds }) : say("connection.retrying");
  }
}
