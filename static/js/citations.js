/** Numbered markers in an answer, the list of its sources, and the popover that shows one. */

import { dateOf } from "./clock.js";
import { button, icon, make } from "./elements.js";
import { MarkdownView } from "./markdown.js";
import { say } from "./words.js";

const GAP = 8;
const LONGEST_KEPT = 24; // a longer word must be free to break on a phone

/** Give every marker in `root` its button. Without citations (still unknown) the buttons wait; a marker whose number
 * no citation has goes away: a marker never points to nothing. */
export function dressMarkers(root, citations, showSource) {
  for (const marker of root.querySelectorAll(".cite")) {
    const number = Number(marker.dataset.citation);
    const citation = citations?.find((one) => one.number === number);
    closeUp(marker);
    if (citations && !citation) marker.remove();
    else marker.replaceChildren(citation ? markerButton(citation, showSource) : waitingButton(number));
  }
}

/** Keep a marker at its word: without the space that models like to put before it, and on the same line. */
function closeUp(marker) {
  const before = marker.previousSibling;
  if (before?.nodeType !== Node.TEXT_NODE || marker.parentElement.matches(".kept-together")) return;
  const text = before.data.trimEnd();
  const word = /\S*$/.exec(text)[0];
  if (word.length > LONGEST_KEPT) {
    before.data = text;
    return;
  }
  before.data = text.slice(0, text.length - word.length);
  const kept = make("span", { class: "kept-together" }, word);
  marker.before(kept);
  kept.append(marker);
}

const waitingButton = (number) => button({ disabled: true, "aria-label": say("sources.markerWaiting", { number }) }, `[${number}]`);

function markerButton(citation, showSource) {
  const { number, title } = citation;
  const label = say("sources.marker", { number, title });
  const element = button({ "aria-label": label, "aria-haspopup": "dialog", onclick: () => showSource(citation, element) }, `[${number}]`);
  return element;
}

/** The torn-off part of an answer: where it comes from. */
export function sourcesList(citations, { id, provenance, showSource }) {
  const items = citations.map((citation) => sourceItem(citation, { id, showSource }));
  return make("section", { class: "stub", "aria-label": say("sources.title") },
    make("h3", { class: "stub-title" }, say("sources.title", { count: citations.length })),
    make("ol", { class: "sources" }, ...items),
    provenance && make("p", { class: "provenance" }, provenance));
}

function sourceItem(citation, { id, showSource }) {
  const { number, title, section } = citation;
  const name = make("span", { class: "source-title" }, title);
  const element = button({ class: "source", "aria-haspopup": "dialog", onclick: () => showSource(citation, element) },
    make("span", { class: "source-number" }, String(number)),
    make("span", { class: "source-name" }, name, lastSection(title, section) && make("span", { class: "source-section" }, lastSection(title, section))),
    icon(citation.kind === "record" ? "record" : "policy"));
  return make("li", { value: String(number), id: `source-${id}-${number}` }, element);
}

/** The section without the document's own title in front. */
function lastSection(title, section) {
  const path = (section ?? "").split(" › ").filter((part) => part && part !== title);
  return path.join(" › ");
}

/** The one popover of the page. */
export class SourcePopover {
  /** Args: element: the popover's (empty) element in the page. */
  constructor(element) {
    this.element = element;
    globalThis.addEventListener?.("resize", () => this.element.matches(":popover-open") && this.#place());
  }

  /** Show `citation` beside the button that was pressed. */
  show(citation, opener) {
    if (this.element.matches(":popover-open")) this.element.hidePopover();
    this.opener = opener;
    opener.focus({ preventScroll: true }); // where the browser returns to when the popover closes
    const heading = make("h2", { id: "source-heading", tabindex: "-1" }, citation.title);
    this.element.replaceChildren(...content(citation, heading, () => this.element.hidePopover()));
    this.element.showPopover();
    this.#place();
    heading.focus({ preventScroll: true });
  }

  #place() {
    const [box, at] = [this.element.getBoundingClientRect(), this.opener.getBoundingClientRect()];
    const width = document.documentElement.clientWidth;
    const left = Math.max(GAP, Math.min(at.left + at.width / 2 - box.width / 2, width - box.width - GAP));
    const isRoomBelow = at.bottom + GAP + box.height < innerHeight;
    const top = isRoomBelow ? at.bottom + GAP : Math.max(GAP, at.top - GAP - box.height);
    this.element.style.setProperty("--left", `${Math.round(left)}px`);
    this.element.style.setProperty("--top", `${Math.round(top)}px`);
  }
}

function content(citation, heading, close) {
  const { number, title, section, quote, url } = citation;
  const path = lastSection(title, section);
  return [
    make("div", { class: "source-head" },
      make("span", { class: "source-number" }, String(number)), heading,
      button({ class: "icon-button", "aria-label": say("sources.close"), onclick: close }, icon("close"))),
    path && make("p", { class: "source-path" }, path),
    quoted(quote),
    make("p", { class: "source-dates" }, datesOf(citation)),
    url && make("a", { class: "button", href: `${url}#cited`, target: "_blank", rel: "noopener" }, say("sources.open"),
      make("span", { class: "visually-hidden" }, say("sources.newTab")), icon("arrow")),
  ].filter(Boolean);
}

/** The quoted lines; they are Markdown, as the policies are. */
function quoted(text) {
  const element = make("blockquote", { class: "source-quote answer", dir: "auto", tabindex: "0" });
  new MarkdownView(element).draw(text);
  return element;
}

function datesOf({ kind, version, page, effective_from: from }) {
  if (kind === "record") return say("sources.record");
  const parts = [page && say("sources.page", { page }), version && say("sources.version", { version }), from && say("sources.effective", { date: dateOf(from) })];
  return parts.filter(Boolean).join(", ");
}
