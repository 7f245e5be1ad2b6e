/** Draws help lines for people in danger: who is there, and links that call, text or open their page. */

import { make } from "./elements.js";
import { say } from "./words.js";

const SAFE = /^(?:tel:|sms:|https:\/\/)/;

/** Return the block of a notice that carries help lines. */
export function helpLines({ kind, title, text, language, lines }) {
  return make("section", { class: "help", "data-kind": kind, lang: language, "aria-label": title },
    make("h3", { class: "help-title" }, title),
    text && make("p", {}, text),
    make("ul", { class: "help-lines" }, ...lines.map(helpLine)));
}

function helpLine(line) {
  const facts = [line.place, line.hours].filter(Boolean).join(" · ");
  const name = make("p", { class: "help-name" }, line.name, facts && " ", facts && make("span", { class: "help-facts" }, facts));
  return make("li", { class: "help-line" }, name, make("p", { class: "help-ways", lang: document.documentElement.lang || "en" }, ...ways(line)));
}

function ways(line) {
  return [
    way(line.phone_url, say("help.call", { number: line.phone }), line.name),
    way(line.text_url, say("help.text", { number: line.text }), line.name),
    way(line.url, say("help.visit"), line.name),
  ];
}

/** The visible words begin the accessible name, so that people who speak to their browser can say them. */
function way(url, words, name) {
  if (!SAFE.test(url ?? "")) return null;
  const isPage = url.startsWith("https:");
  const elsewhere = isPage ? { target: "_blank", rel: "noopener noreferrer" } : {};
  const label = [words, isPage && say("help.newTab")].filter(Boolean).join(", ");
  return make("a", { class: "help-way", href: url, "aria-label": `${label}: ${name}`, ...elsewhere }, words);
}
