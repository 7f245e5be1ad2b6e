/** Draws a conversation: keeps one view an entry and touches only the entries that changed. */

import { AnswerView } from "./answer.js";
import { dayKey, dayOf, fullTimeOf, timeOf } from "./clock.js";
import { button, make } from "./elements.js";
import { MarkdownView } from "./markdown.js";
import { QuestionView } from "./question.js";
import { knows, say } from "./words.js";

export class Transcript {
  #views = new Map();
  #last = {};

  /**
   * Args:
   *   root: the element that holds the messages.
   *   company: name of the company.
   *   actions: what the person can start: resend, discard, askAgain, showSource, reply, rate.
   */
  constructor({ root, company, actions }) {
    Object.assign(this, { root, company, actions });
    root.replaceChildren(); // what the server wrote is drawn again from the same messages
  }

  /** Show `state`. `extra`: {isConnected, stopping (turn id or null), isReady}. */
  draw(state, extra) {
    const isOther = ["isConnected", "stopping"].some((name) => extra[name] !== this.#last[name]);
    this.#last = extra;
    const keep = new Set(state.entries.map((entry) => entry.key));
    for (const [key, view] of this.#views) if (!keep.has(key)) this.#forget(key, view);
    let before = null;
    for (const entry of state.entries) {
      const view = this.#viewOf(entry);
      if (view.entry !== entry || isOther) view.draw(entry, extra);
      before = this.#place(view, entry, before);
    }
    this.#drawQuickReplies(state.entries.at(-1));
  }

  /** The article of the newest answer, to jump to. */
  get lastAnswer() {
    return [...this.root.querySelectorAll('[data-role="assistant"]')].at(-1) ?? null;
  }

  #viewOf(entry) {
    if (!this.#views.has(entry.key)) {
      const View = entry.kind === "note" ? NoteView : EntryView;
      this.#views.set(entry.key, new View({ company: this.company, actions: this.actions }));
    }
    return this.#views.get(entry.key);
  }

  #forget(key, view) {
    view.element.remove();
    view.day?.remove();
    this.#views.delete(key);
  }

  /** Put the view where it belongs, with the day before it when another day begins. */
  #place(view, entry, before) {
    const at = entry.note?.created_at ?? entry.question?.created_at ?? entry.answer?.created_at;
    const key = at ? dayKey(at) : (before?.dayKey ?? null);
    const isNewDay = at && key !== before?.dayKey;
    view.dayKey = key;
    if (isNewDay && view.dayShown !== key) this.#showDay(view, at, key);
    if (!isNewDay && view.day) this.#hideDay(view);
    this.#putAfter(before?.element ?? null, view.day ?? view.element);
    if (view.day) this.#putAfter(view.day, view.element);
    return view;
  }

  #putAfter(sibling, element) {
    if (element.parentNode === this.root && element.previousElementSibling === sibling) return;
    if (sibling) sibling.after(element);
    else this.root.prepend(element);
  }

  #showDay(view, at, key) {
    view.day?.remove();
    view.day = make("div", { class: "day" }, make("time", { datetime: at.slice(0, 10) }, dayOf(at)));
    view.dayShown = key;
  }

  #hideDay(view) {
    view.day.remove();
    view.day = null;
    view.dayShown = null;
  }

  /** Suggested replies belong under the newest answer alone, and go when something is asked. */
  #drawQuickReplies(entry) {
    const replies = entry?.status === "completed" ? entry.quickReplies : [];
    if (this.replies === replies) return;
    this.replies = replies;
    this.quick?.remove();
    if (!replies.length) return;
    const buttons = replies.map((text) => button({ class: "reply", dir: "auto", onclick: () => this.actions.reply(text) }, text));
    this.quick = make("div", { class: "quick", role: "group", "aria-label": say("quick.label") }, ...buttons);
    this.#views.get(entry.key).element.append(this.quick);
  }
}

/** A question and its answer. */
class EntryView {
  constructor({ company, actions }) {
    this.question = new QuestionView({ actions });
    this.answer = new AnswerView({ company, actions });
    this.element = make("div", { class: "entry" });
  }

  draw(entry, { isConnected, stopping }) {
    this.entry = entry;
    if (entry.question) {
      this.question.draw(entry, { isConnected });
      if (!this.question.element.isConnected) this.element.prepend(this.question.element);
    }
    if (entry.status) {
      this.answer.draw(entry, { isStopping: entry.turn !== null && stopping === entry.turn });
      if (!this.answer.element.isConnected) this.element.append(this.answer.element);
    }
  }
}

/** A message of the staff, or of the system. */
class NoteView {
  constructor({ company }) {
    this.company = company;
    this.element = make("article", { class: "message" });
  }

  draw(entry) {
    this.entry = entry;
    const { role, text, created_at: at } = entry.note;
    const badge = knows(`badge.${role}`) && make("span", { class: "badge" }, say(`badge.${role}`));
    const time = make("time", { datetime: at, title: fullTimeOf(at) }, timeOf(at));
    const name = make("h2", { class: "sender" }, say(role === "agent" ? "sender.agent" : "sender.system", { company: this.company }));
    const body = make("div", { class: "answer", dir: "auto" });
    new MarkdownView(body).draw(text);
    this.element.dataset.role = role;
    this.element.replaceChildren(make("div", { class: "message-head" }, ...[name, badge, time].filter(Boolean)),
      make("div", { class: "slip" }, body));
  }
}
