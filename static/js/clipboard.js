/** Buttons that copy. */

import { button, icon, make } from "./elements.js";
import { say } from "./words.js";

const SHOWN_MS = 2_000;

/** A button named by `key` that copies what `content()` returns and says that it has. */
export function copyButton(key, content) {
  const label = make("span", {}, say(key));
  const element = button({ class: "quiet", "data-copy": key, onclick: () => copy(element, label, say(key), content()) },
    icon("copy"), label);
  return element;
}

/** A small button for the corner of a code block. */
export function copyCodeButton(code) {
  const element = copyButton("copy.code", () => code.textContent);
  element.classList.add("copy-code");
  return element;
}

async function copy(element, label, words, text) {
  label.textContent = (await written(text)) ? say("copy.done") : say("copy.failed");
  element.ariaLive = "polite";
  setTimeout(() => (label.textContent = words), SHOWN_MS);
}

/** Tell whether the text is on the clipboard: it may be missing (plain http) or forbidden. */
async function written(text) {
  if (!navigator.clipboard) return false;
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch (error) {
    if (error instanceof DOMException) return false;
    throw error;
  }
}
