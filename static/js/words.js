/**
 * What the scripts say to people, in the page's language: a table for each in `words/`, of the same keys.
 * `{name}` is filled in by `say`; keys ending in a plural form (`.one`, `.other` …) are chosen by number.
 */

import { ENGLISH } from "./words/en.js";
import { SPANISH } from "./words/es.js";

export const TABLES = { en: ENGLISH, es: SPANISH };

/** Return `say` and `knows` in a language; in English where there is no table of it. */
export function speaking(wanted = "") {
  const base = wanted.split("-")[0];
  const language = Object.hasOwn(TABLES, base) ? base : "en";
  const table = TABLES[language];
  const plurals = new Intl.PluralRules(language);

  /** Return the sentence for `key`; with a `count`, the form that fits the number. */
  function say(key, values = {}) {
    const form = "count" in values ? `${key}.${plurals.select(values.count)}` : key;
    // A language may have forms that are only of use for what nobody counts here, such as Spanish millions.
    const words = table[form] ?? table["count" in values ? `${key}.other` : key] ?? table[key];
    if (words === undefined) throw new Error(`no words for ${key}`);
    return words.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
  }

  return { say, knows: (key) => Object.hasOwn(table, key) };
}

export const { say, knows } = speaking(globalThis.document?.documentElement?.lang);
