/** The list of conversations: searching it, and keeping it true while the page is open. */

import { dayOf } from "./clock.js";
import { make } from "./elements.js";
import { say } from "./words.js";

const WAIT_MS = 250;

export class Conversations {
  /**
   * Args:
   *   root: the navigation with the list and the search box.
   *   addressOf: function from a conversation's id to its page.
   *   deletion: the dialog that asks whether one is to be deleted.
   *   onDelete: called with the id when that was affirmed; returns a promise of whether it is deleted.
   *   find: looks words up in all messages; returns a promise of conversations with their matches, or of null.
   */
  constructor({ root, addressOf, deletion, onDelete, find }) {
    Object.assign(this, { addressOf, deletion, onDelete, find });
    this.list = root.querySelector("[data-list]");
    this.search = root.querySelector("[data-search]");
    this.found = root.querySelector("[data-found]");
    for (const time of this.list.querySelectorAll("time")) time.textContent = dayOf(time.dateTime);
    this.search.addEventListener("input", () => this.#filter());
    this.list.addEventListener("click", (event) => this.#ask(event));
  }

  /** Put a conversation that has just begun at the top, as the present one. */
  add({ id, title }) {
    this.list.prepend(this.#made({ id, title, at: new Date().toISOString(), isPresent: true }));
    this.#filter();
  }

  /** Show another title for a conversation. */
  rename(id, title) {
    const words = this.list.querySelector(`[data-conversation="${CSS.escape(id)}"] .title`);
    if (!words) return;
    words.textContent = title;
    words.closest("li").querySelector("[data-delete]")?.setAttribute("aria-label", say("conversations.delete", { title }));
  }

  /** Take a conversation off the list; the focus goes to its neighbour. */
  remove(id) {
    const item = this.list.querySelector(`[data-conversation="${CSS.escape(id)}"]`);
    const neighbour = item?.nextElementSibling ?? item?.previousElementSibling;
    item?.remove();
    (neighbour?.querySelector("a") ?? this.search).focus();
    this.#filter();
  }

  #made({ id, title, at, isPresent = false }) {
    const words = make("span", { class: "title", dir: "auto" }, title);
    const time = make("time", { datetime: at }, dayOf(at));
    const link = make("a", { href: this.addressOf(id), "aria-current": isPresent && "page" }, words, time);
    return make("li", { "data-conversation": id }, link, this.#deleteLink(id, title));
  }

  #deleteLink(id, title) {
    const icon = make("span", { class: "icon icon-delete", "aria-hidden": "true" });
    const label = say("conversations.delete", { title });
    return make("a", { class: "shelf-delete", href: `${this.addressOf(id)}delete/`, "aria-label": label, "data-delete": "" }, icon);
  }

  /** Ask in a dialog instead of on a page of its own. Where dialogs are unknown, the link leads to that page. */
  #ask(event) {
    const link = event.target.closest("[data-delete]");
    if (!link || !this.deletion?.showModal || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const item = link.closest("[data-conversation]");
    this.deletion.querySelector("[data-title]").textContent = item.querySelector(".title").textContent;
    this.deletion.returnValue = "";
    this.deletion.onclose = async () => {
      if (this.deletion.returnValue !== "delete") return link.focus();
      const id = item.dataset.conversation;
      if (await this.onDelete(id)) this.remove(id);
    };
    this.deletion.showModal();
  }

  /** Show what fits by its title at once, and what fits by its messages as soon as the server has found it. */
  #filter() {
    for (const found of this.list.querySelectorAll(".found, [data-extra]")) found.remove();
    const words = folded(this.search.value).split(/\s+/).filter(Boolean);
    let count = 0;
    for (const item of this.list.children) {
      const text = folded(item.textContent);
      item.hidden = !words.every((word) => text.includes(word));
      count += Number(!item.hidden);
    }
    this.found.hidden = words.length === 0;
    this.#tell(count);
    clearTimeout(this.waiting);
    if (words.length && this.find) this.waiting = setTimeout(() => this.#findInMessages(this.search.value), WAIT_MS);
  }

  #tell(count) {
    this.found.textContent = count ? say("conversations.count", { count }) : say("conversations.none");
  }

  async #findInMessages(words) {
    const conversations = await this.find(words.trim());
    if (!conversations || words !== this.search.value) return; // something else is looked for by now
    for (const conversation of conversations) this.#show(conversation);
    this.#tell([...this.list.children].filter((item) => !item.hidden).length);
  }

  /** Show a conversation that was found, also one that is not on the list: old ones, archived ones. */
  #show({ id, title, last_message_at: last, created_at: begun, match }) {
    let item = this.list.querySelector(`[data-conversation="${CSS.escape(id)}"]`);
    if (!item) {
      item = this.#made({ id, title: title || say("conversations.untitled"), at: last ?? begun });
      item.dataset.extra = "";
      this.list.append(item);
    }
    item.hidden = false;
    if (!match?.message) return;
    const parts = match.parts.map(({ text, marked }) => (marked ? make("mark", {}, text) : text));
    item.querySelector("a").append(make("span", { class: "found", dir: "auto" }, ...parts));
  }
}

/** Lower case and without accents, so that "equipaje" and "Équipaje" meet. */
const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
