/**
 * Answers are Markdown from a language model: text nobody has vouched for. Two walls: raw HTML is escaped before it
 * can become markup, and what the parser makes passes a sanitiser with a short list of tags and attributes.
 *
 * Work goes block by block, so that a growing answer only redraws the block that grows.
 */

import DOMPurify from "dompurify";
import { Marked } from "marked";

import { say } from "./words.js";

const SAFE_LINK = /^(?:https:\/\/|mailto:|\/(?![/\\]))/i;

const SANITISER = {
  ALLOWED_TAGS: [
    "a", "blockquote", "br", "code", "del", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "span",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
  ],
  ALLOWED_ATTR: ["align", "class", "data-citation", "href", "rel", "start", "target"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOWED_URI_REGEXP: SAFE_LINK,
  // The sanitiser checks every attribute it does not know to be harmless as if it were an address.
  ADD_URI_SAFE_ATTR: ["align", "class", "data-citation", "rel", "start", "target"],
  RETURN_DOM_FRAGMENT: true,
};

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escape = (text) => text.replace(/[&<>"']/g, (character) => ESCAPES[character]);

/** Return the address when it may be followed from an answer (https, mailto, this site), else null. */
export function safeHref(href) {
  const address = String(href ?? "").replace(/[\u0000-\u0020\u007f-\u009f\u200b-\u200f\u2028-\u202f\ufeff]/g, "");
  return SAFE_LINK.test(address) ? address : null;
}

function link({ href, tokens }) {
  const words = this.parser.parseInline(tokens);
  const address = safeHref(href);
  if (address === null) return words;
  const outside = address.startsWith("/") ? "" : ' rel="noopener noreferrer nofollow" target="_blank"';
  return `<a href="${escape(address)}"${outside}>${words}</a>`;
}

const renderer = {
  html: ({ text, block }) => (block ? `<p>${escape(text)}</p>` : escape(text)),
  image: ({ text }) => escape(text),
  checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
  code: ({ text }) => `<pre><code>${escape(text)}</code></pre>`,
  heading({ tokens, depth }) {
    const level = Math.min(6, depth + 2);
    return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>`;
  },
  link,
};

const citation = {
  name: "citation",
  level: "inline",
  start: (source) => source.indexOf("[^"),
  tokenizer(source) {
    const match = /^\[\^(\d{1,3})\]/.exec(source);
    return match ? { type: "citation", raw: match[0], number: Number(match[1]) } : undefined;
  },
  renderer: ({ number }) => `<span class="cite" data-citation="${number}"></span>`,
};

/** The mark behind a sentence that no source bears out: words, so that everybody reads or hears them. */
const doubt = {
  name: "doubt",
  level: "inline",
  start: (source) => source.indexOf("[^?]"),
  tokenizer: (source) => (source.startsWith("[^?]") ? { type: "doubt", raw: "[^?]" } : undefined),
  renderer: () => `<em class="doubt">${escape(say("sources.doubt"))}</em>`,
};

const marked = new Marked({ gfm: true, breaks: true, renderer, extensions: [citation, doubt] });

/** Cut Markdown into its top-level blocks; each has `raw`, the text it was made of. */
export function blocksOf(text) {
  return marked.lexer(text).filter((token) => token.type !== "space" && token.type !== "def");
}

/** Return the (not yet sanitised) HTML of one block. */
export function htmlOf(block) {
  return marked.parser([block]);
}

/** Turn HTML made here into nodes that are safe to show. */
export function sanitised(html) {
  return DOMPurify.sanitize(html, SANITISER);
}

/** Draws one growing text into an element, touching only the blocks that changed.
 *
 * Args:
 *   root: the element to fill.
 *   finish: called with every block's element after it was drawn, to add what is not text (buttons, regions).
 */
export class MarkdownView {
  #shown = [];

  constructor(root, finish = () => {}) {
    this.root = root;
    this.finish = finish;
  }

  /** Show `text`. With `whole`, look at every block again, because a late link definition may change early ones. */
  draw(text, { whole = false } = {}) {
    const blocks = blocksOf(text);
    blocks.forEach((block, index) => this.#drawBlock(block, index, whole));
    for (const { element } of this.#shown.splice(blocks.length)) element.remove();
  }

  #drawBlock(block, index, whole) {
    const shown = this.#shown[index];
    if (shown && !whole && shown.raw === block.raw) return;
    const html = htmlOf(block);
    if (shown?.html === html) {
      shown.raw = block.raw;
      return;
    }
    const element = this.root.ownerDocument.createElement("div");
    element.className = "block";
    element.append(sanitised(html));
    this.finish(element);
    if (shown) shown.element.replaceWith(element);
    else this.root.append(element);
    this.#shown[index] = { raw: block.raw, html, element };
  }
}
