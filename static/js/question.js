/** Draws one question, and what became of sending it. */

import { fullTimeOf, timeOf } from "./clock.js";
import { button, icon, make } from "./elements.js";
import { say } from "./words.js";

export class QuestionView {
  #delivery = null;

  /** Args: actions: what the person can start: resend(clientId), discard(clientId). */
  constructor({ actions }) {
    this.actions = actions;
    this.time = make("time");
    this.bubble = make("div", { class: "bubble", dir: "auto" });
    this.state = make("div", { class: "delivery" });
    const head = make("div", { class: "message-head" }, make("h2", { class: "sender" }, say("sender.user")), this.time);
    this.element = make("article", { class: "message", "data-role": "user" }, head, this.bubble, this.state);
  }

  /** Show the entry's question as it stands. */
  draw(entry, { isConnected }) {
    const { text, created_at: at } = entry.question;
    if (this.bubble.textContent !== text) this.bubble.textContent = text;
    this.time.dateTime = at;
    this.time.title = fullTimeOf(at);
    this.time.textContent = timeOf(at);
    this.#drawDelivery(entry, isConnected);
  }

  #drawDelivery(entry, isConnected) {
    const delivery = entry.delivery === "pending" && !isConnected ? "waiting" : entry.delivery;
    if (delivery === this.#delivery) return;
    this.#delivery = delivery;
    this.element.dataset.delivery = delivery;
    this.state.hidden = delivery === "sent";
    if (delivery === "failed") this.state.replaceChildren(...this.#failed(entry));
    else this.state.replaceChildren(delivery === "sent" ? "" : make("p", {}, say(`delivery.${delivery}`)));
  }

  #failed({ clientId, problem }) {
    const words = make("p", { role: "alert" }, icon("warning"), make("strong", {}, say("delivery.failed")), ` ${problem.words}`);
    const again = problem.retryable !== false &&
      button({ class: "quiet", onclick: () => this.actions.resend(clientId) }, icon("retry"), say("delivery.retry"));
    const remove = button({ class: "quiet", onclick: () => this.actions.discard(clientId) }, say("delivery.discard"));
    return [words, again, remove].filter(Boolean);
  }
}
