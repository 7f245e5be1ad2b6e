/** Draws one answer: its text as it grows, and, once settled, notices, sources and what can be done with it. */

import { copyButton, copyCodeButton } from "./clipboard.js";
import { dressMarkers, sourcesList } from "./citations.js";
import { fullTimeOf, timeOf } from "./clock.js";
import { button, icon, make } from "./elements.js";
import { FINAL } from "./events.js";
import { helpLines } from "./help_lines.js";
import { MarkdownView } from "./markdown.js";
import { RatingView } from "./rating.js";
import { knows, say } from "./words.js";

// What an answer that stands is drawn from, but for its rating, which keeps its own buttons.
const DRAWN = ["status", "answer", "question", "citations", "notices", "source", "failure"];

export class AnswerView {
  #drawn = null;

  /**
   * Args:
   *   company: name of the company, for the sender's name.
   *   actions: what the person can start: showSource(citation, button), askAgain(text), rate(turn, rating).
   */
  constructor({ company, actions }) {
    this.actions = actions;
    this.body = make("div", { class: "answer", dir: "auto" });
    this.progress = make("p", { class: "progress" });
    this.foot = make("div", { class: "answer-foot" });
    this.time = make("time");
    this.text = new MarkdownView(this.body, (block) => this.#dress(block));
    const name = make("h2", { class: "sender" }, say("sender.desk", { company }));
    const head = make("div", { class: "message-head" }, name, badge(say("badge.automated")), this.time);
    this.slip = make("div", { class: "slip" }, this.body, this.progress, this.foot);
    this.tools = make("div", { class: "tools" });
    this.rating = new RatingView({ actions });
    this.element = make("article", { class: "message", "data-role": "assistant" }, head, this.slip, this.tools, this.rating.panel);
  }

  /** Show the entry's answer as it stands. */
  draw(entry, { isStopping }) {
    const isSettled = FINAL.has(entry.status);
    this.citations = isSettled ? entry.citations : null;
    const text = isSettled ? (entry.answer?.text ?? "") : entry.partial;
    this.text.draw(text, { whole: isSettled });
    this.#drawProgress(entry, { text, isSettled, isStopping });
    this.element.dataset.state = isSettled ? entry.status : "running";
    if (entry.understood?.language) this.body.lang = entry.understood.language;
    if (isSettled && DRAWN.some((name) => this.#drawn?.[name] !== entry[name])) this.#settle(entry);
    if (isSettled) this.rating.draw(entry);
    this.#drawn = entry;
  }

  #drawProgress(entry, { text, isSettled, isStopping }) {
    this.progress.hidden = isSettled || (text !== "" && !isStopping);
    const words = isStopping ? say("progress.stopping") : progressWords(entry);
    if (!this.progress.hidden && this.progress.textContent !== words) this.progress.textContent = words;
  }

  #settle(entry) {
    for (const block of this.body.children) dressMarkers(block, this.citations, this.actions.showSource);
    this.body.hidden = !entry.answer?.text;
    if (entry.answer) this.#stamp(entry.answer.created_at);
    this.foot.replaceChildren(...notices(entry), ...outcome(entry, this.actions), ...sources(entry, this.actions));
    this.tools.replaceChildren(...tools(entry), ...(entry.answer?.text ? [this.rating.thumbs] : []));
  }

  #stamp(iso) {
    this.time.dateTime = iso;
    this.time.title = fullTimeOf(iso);
    this.time.textContent = timeOf(iso);
  }

  #dress(block) {
    dressMarkers(block, this.citations ?? null, this.actions.showSource);
    for (const table of block.querySelectorAll("table")) wrapScrolling(table, say("table.label"));
    for (const code of block.querySelectorAll("pre")) wrapScrolling(code, say("code.label")).append(copyCodeButton(code));
  }
}

const badge = (words) => make("span", { class: "badge" }, words);

function progressWords({ status, understood }) {
  if (status === "queued") return say("progress.queued");
  const special = `progress.${understood?.intent}`;
  return say(knows(special) ? special : "progress.running");
}

/** Wide content scrolls by itself, reachable by keyboard, so that the page never has to. */
function wrapScrolling(content, label) {
  const region = make("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": label });
  const frame = make("div", { class: "frame" }, region);
  content.replaceWith(frame);
  region.append(content);
  return frame;
}

function notices({ notices: items }) {
  return items.map((notice) => notice.lines ? helpLines(notice) : headsUp(notice));
}

function headsUp({ kind, text }) {
  return make("div", { class: "notice", role: "note", "data-kind": kind },
    icon("notice"), make("p", {}, make("strong", {}, say(kind === "person" ? "notice.person" : "notice.title")), " ", text));
}

function outcome(entry, { askAgain }) {
  if (entry.status === "completed") return [];
  const again = entry.question && button({ class: "quiet", onclick: () => askAgain(entry.question.text) },
    icon("retry"), say("outcome.again"));
  if (entry.status === "stopped") {
    const words = say(entry.answer?.text ? "outcome.stopped" : "outcome.stoppedEmpty");
    return [make("div", { class: "outcome", "data-outcome": "stopped" }, make("p", {}, words), again)];
  }
  const words = entry.failure?.words || say("outcome.failed");
  const retry = entry.failure?.retryable === false ? null : again;
  return [make("div", { class: "outcome", "data-outcome": "failed" }, icon("warning"), make("p", {}, words), retry)];
}

function sources(entry, { showSource }) {
  if (!entry.citations.length) {
    const shouldHaveOne = entry.status === "completed" && ["model", "quoted"].includes(entry.source?.kind);
    return shouldHaveOne ? [make("p", { class: "provenance" }, say("source.none"))] : [];
  }
  const origin = `source.${entry.source?.kind}`;
  const words = knows(origin) ? say(origin) : null;
  return [sourcesList(entry.citations, { id: entry.key, provenance: words, showSource })];
}

function tools(entry) {
  return entry.answer?.text ? [copyButton("copy.text", () => asText(entry)), copyButton("copy.markdown", () => asMarkdown(entry))] : [];
}

const place = ({ title, section, url }) =>
  [title, section, url && new URL(url, location.href).href].filter(Boolean).join(", ");

function asMarkdown({ answer, citations }) {
  const notes = citations.map((citation) => `[^${citation.number}]: ${place(citation)}`);
  return [answer.text, notes.join("\n")].filter(Boolean).join("\n\n");
}

function asText(entry) {
  const lines = entry.citations.map((citation) => `[${citation.number}] ${place(citation)}`);
  const text = entry.answer.text.replace(/\[\^(\d+)\]/g, " [$1]").replace(/^#+ |\*\*|__/gm, "");
  return [text, lines.length && `${say("sources.title")}\n${lines.join("\n")}`].filter(Boolean).join("\n\n");
}
