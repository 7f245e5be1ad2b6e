/** The list of conversations: searching it, and keeping it true while the page is open. */

import { dayOf } from "./clock.js";
import { make } from "./elements.js";
import { say } from "./words.js";

export class Conversations {
  /**
   * Args:
   *   root: the navigation with the list and the search box.
   *   addressOf: function from a conversation's id to its page.
   */
  constructor({ root, addressOf }) {
    this.addressOf = addressOf;
    this.list = root.querySelector("[data-list]");
    this.search = root.querySelector("[data-search]");
    this.found = root.querySelector("[data-found]");
    this.search.closest("[hidden]")?.removeAttribute("hidden");
    for (const time of this.list.querySelectorAll("time")) time.textContent = dayOf(time.dateTime);
    this.search.addEventListener("input", () => this.#filter());
  }

  /** Put a conversation that has just begun at the top, as the present one. */
  add({ id, title }) {
    const words = make("span", { class: "title", dir: "auto" }, title);
    const now = new Date().toISOString();
    const time = make("time", { datetime: now }, dayOf(now));
    const link = make("a", { href: this.addressOf(id), "aria-current": "page" }, words, time);
    this.list.prepend(make("li", { "data-conversation": id }, link));
    this.#filter();
  }

  /** Show another title for a conversation. */
  rename(id, title) {
    const words = this.list.querySelector(`[data-conversation="${CSS.escape(id)}"] .title`);
    if (words) words.textContent = title;
  }

  #filter() {
    const words = folded(this.search.value).split(/\s+/).filter(Boolean);
    let count = 0;
    for (const item of this.list.children) {
      const text = folded(item.textContent);
      item.hidden = !words.every((word) => text.includes(word));
      count += Number(!item.hidden);
    }
    this.found.hidden = words.length === 0;
    this.found.textContent = count ? say("conversations.count", { count }) : say("conversations.none");
  }
}

/** Lower case and without accents, so that "equipaje" and "Équipaje" meet. */
const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
