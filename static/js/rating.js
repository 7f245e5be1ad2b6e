/** Thumbs under an answer, and what the customer wants to add: reasons as chips, words of their own. */

import { button, icon, make } from "./elements.js";
import { say } from "./words.js";

/** What may be said of an answer, by thumb, in the order shown; the names are those of the REST interface. */
const REASONS = {
  up: ["correct", "clear", "complete", "good_sources"],
  down: ["incorrect", "incomplete", "off_topic", "unclear", "bad_sources", "unfriendly"],
};
const LONGEST = 1_000;

export class RatingView {
  #turn = null;
  #rating = null;
  #shown = null; // the thumb that the panel is about

  /** Args: actions: rate(turn, rating or null), which tells by a promise whether it is kept. */
  constructor({ actions }) {
    this.actions = actions;
    this.up = this.#thumb("up");
    this.down = this.#thumb("down");
    this.more = button({ class: "quiet", "aria-expanded": "false", onclick: () => this.#toggle() }, say("rating.more"));
    this.thumbs = make("div", { class: "thumbs", role: "group", "aria-label": say("rating.label") }, this.up, this.down, this.more);
    this.panel = make("div", { class: "rating", role: "group", hidden: true, onkeydown: (event) => this.#onKey(event) });
  }

  /** Show what is known of the entry's answer; nothing can be said of one without words. */
  draw(entry) {
    this.#turn = entry.turn;
    this.#rating = entry.rating ?? null;
    const canRate = Boolean(entry.turn && entry.answer?.text);
    this.thumbs.hidden = !canRate;
    this.up.ariaPressed = String(this.#rating?.value === "up");
    this.down.ariaPressed = String(this.#rating?.value === "down");
    this.more.hidden = this.#rating === null;
    if (this.#shown && this.#shown !== this.#rating?.value) this.#close();
    for (const chip of this.panel.querySelectorAll("[data-reason]")) {
      chip.ariaPressed = String(this.#rating?.reasons.includes(chip.dataset.reason) ?? false);
    }
  }

  #thumb(value) {
    const label = say(`rating.${value}`);
    return button({ class: "icon-button thumb", "data-value": value, "aria-label": label, title: label, "aria-pressed": "false",
      onclick: () => this.#press(value) }, icon(`thumb-${value}`));
  }

  /** A thumb that is pressed already is taken back. */
  #press(value) {
    if (this.#rating?.value === value) {
      this.actions.rate(this.#turn, null);
      return;
    }
    this.actions.rate(this.#turn, { value, reasons: [], comment: this.#rating?.comment ?? "" });
    this.#open(value);
  }

  #toggle() {
    if (this.panel.hidden) this.#open(this.#rating.value);
    else this.#close();
  }

  #open(value) {
    this.#shown = value;
    const chips = REASONS[value].map((reason) => this.#chip(reason));
    this.words = make("textarea", { rows: "2", maxlength: String(LONGEST), dir: "auto" });
    this.words.value = this.#rating?.comment ?? "";
    this.panel.replaceChildren(
      make("p", { class: "rating-question" }, say(`rating.why.${value}`)),
      make("div", { class: "chips" }, ...chips),
      make("label", {}, make("span", {}, say("rating.comment")), this.words),
      make("div", { class: "rating-ends" },
        button({ class: "plain", onclick: () => this.#send() }, say("rating.send")),
        button({ class: "quiet", onclick: () => this.#leave() }, say("rating.close"))));
    this.panel.ariaLabel = say(`rating.why.${value}`);
    this.panel.hidden = false;
    this.more.ariaExpanded = "true";
  }

  #close() {
    this.#shown = null;
    this.panel.hidden = true;
    this.panel.replaceChildren();
    this.more.ariaExpanded = "false";
  }

  /** Close, and go back to the thumb that opened it. */
  #leave() {
    const thumb = this[this.#shown ?? "up"];
    this.#close();
    thumb.focus();
  }

  #chip(reason) {
    const isPressed = this.#rating?.reasons.includes(reason) ?? false;
    return button({ class: "chip", "data-reason": reason, "aria-pressed": String(isPressed), onclick: () => this.#choose(reason) },
      say(`rating.reason.${reason}`));
  }

  #choose(reason) {
    const { value, reasons, comment } = this.#rating;
    const chosen = reasons.includes(reason) ? reasons.filter((one) => one !== reason) : [...reasons, reason];
    this.actions.rate(this.#turn, { value, reasons: chosen, comment });
  }

  async #send() {
    const isKept = await this.actions.rate(this.#turn, { ...this.#rating, comment: this.words.value.trim() });
    if (isKept && this.#shown) this.#leave();
  }

  #onKey(event) {
    if (event.key !== "Escape") return;
    event.stopPropagation(); // which would stop an answer that is being written
    this.#leave();
  }
}
