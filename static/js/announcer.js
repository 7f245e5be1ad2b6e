/**
 * Says to a screen reader, once and politely, what a sighted person sees happen. The messages themselves are not a
 * live region: text that grows by the word would be read by the word.
 */

import { say } from "./words.js";

export class Announcer {
  /** Args: element: a hidden element with role="status". */
  constructor(element) {
    this.element = element;
  }

  /** Tell the news of one change of state. */
  tell(items) {
    const words = items.map(({ kind, entry }) => WORDS[kind](entry)).filter(Boolean).at(-1);
    if (words) this.say(words);
  }

  /** Say these words. */
  say(words) {
    this.element.textContent = words;
  }
}

const WORDS = {
  answering: () => say("announce.answering"),
  completed: (entry) => say("announce.ready", { sentence: firstSentence(entry.answer?.text ?? "") }),
  failed: (entry) => say("announce.failed", { words: entry.failure?.words || say("outcome.failed") }),
  stopped: () => say("announce.stopped"),
  // The words beside the message are an alert already.
  refused: () => null,
  agent: (entry) => say("announce.agent", { sentence: firstSentence(entry.note.text) }),
};

const LONGEST = 200;

/** The first sentence of a Markdown text, without its marks. */
export function firstSentence(markdown) {
  const line = markdown
    .replace(/\[\^\d+\]/g, "")
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .split("\n")
    .map((part) => part.replace(/^[\s>#*+-]+|[*_`|]/g, "").trim())
    .find(Boolean) ?? "";
  const sentence = /^.*?[.!?…](?=\s|$)/.exec(line)?.[0] ?? line;
  return sentence.length > LONGEST ? `${sentence.slice(0, LONGEST)}…` : sentence;
}
