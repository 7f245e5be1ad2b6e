/** The words of each language: the same sentences, with the same gaps, in the right plural form. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { openPage } from "./page.mjs";

const { TABLES, speaking } = await import("../../static/js/words.js");
const { ENGLISH } = await import("../../static/js/words/en.js");

const gaps = (words) => (words.match(/\{\w+\}/g) ?? []).sort();

for (const [language, table] of Object.entries(TABLES)) {
  test(`${language} has every sentence, and no other`, () => {
    assert.deepEqual(Object.keys(table).sort(), Object.keys(ENGLISH).sort());
  });

  test(`${language} fills the same gaps`, () => {
    for (const [key, words] of Object.entries(table)) {
      const plural = key.replace(/\.one$/, ".other"); // English may leave the number out of "one"
      assert.deepEqual(gaps(words), gaps(ENGLISH[key] ?? ENGLISH[plural]), key);
    }
  });

  test(`${language} leaves nothing empty`, () => {
    for (const [key, words] of Object.entries(table)) assert.ok(words.trim(), key);
  });

  test(`${language} has both forms of whatever is counted`, () => {
    for (const key of Object.keys(table)) {
      if (key.endsWith(".one")) assert.ok(Object.hasOwn(table, key.replace(/one$/, "other")), key);
    }
  });
}

test("nothing of the Spanish table was left in English", () => {
  const same = Object.keys(ENGLISH).filter((key) => TABLES.es[key] === ENGLISH[key]);
  assert.deepEqual(same, []);
});

test("plural forms follow the language's own rule", () => {
  const { say } = speaking("es");
  assert.equal(say("scroll.new", { count: 1 }), "1 mensaje nuevo");
  assert.equal(say("scroll.new", { count: 0 }), "0 mensajes nuevos");
  assert.equal(say("scroll.new", { count: 1_000_000 }), "1000000 mensajes nuevos"); // Spanish has "many" for it
});

test("a variety speaks its language, and an unknown language English", () => {
  assert.equal(speaking("es-MX").say("day.today"), "Hoy");
  assert.equal(speaking("fr").say("day.today"), "Today");
  assert.equal(speaking("constructor").say("day.today"), "Today");
  assert.equal(speaking().say("day.today"), "Today");
});

test("an unknown key is a fault, not a gap on the page", () => {
  assert.throws(() => speaking("es").say("no.such.key"));
});

test("the page's own language is spoken, days and times included", async () => {
  const { document } = openPage().window;
  document.documentElement.lang = "es";
  const { say } = await import("../../static/js/words.js?es");
  assert.equal(say("outcome.again"), "Preguntar de nuevo");
  const { dateOf } = await import("../../static/js/clock.js");
  assert.equal(dateOf("2026-05-03"), "3 de mayo de 2026");
});
