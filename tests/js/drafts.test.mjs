import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { openPage } from "./page.mjs";

openPage();
const { Drafts, forgetAll } = await import("../../static/js/drafts.js");

const item = (clientId) => ({ clientId, text: "Bags?", at: "2026-11-21T10:00:00Z" });
const kept = (drafts) => drafts.outbox.map(({ clientId }) => clientId);

let drafts;

beforeEach(() => {
  localStorage.clear();
  drafts = new Drafts({ user: "1", conversation: "c" });
});

test("a draft is kept for its person and conversation alone", () => {
  drafts.text = "Half a quest";
  assert.equal(new Drafts({ user: "1", conversation: "c" }).text, "Half a quest");
  assert.equal(new Drafts({ user: "2", conversation: "c" }).text, "");
  assert.equal(new Drafts({ user: "1", conversation: "d" }).text, "");
});

test("an empty draft leaves nothing behind", () => {
  drafts.text = "x";
  drafts.text = "";
  assert.equal(localStorage.length, 0);
});

test("questions are kept once, in order, until they are dropped", () => {
  ["a", "b", "a"].forEach((id) => drafts.keep(item(id)));
  assert.deepEqual(kept(drafts), ["b", "a"]);
  drafts.drop("b");
  drafts.drop("a");
  assert.equal(localStorage.length, 0);
});

test("what was new moves to the conversation that was made of it", () => {
  const fresh = new Drafts({ user: "1", conversation: "new" });
  fresh.text = "More";
  fresh.keep(item("a"));
  fresh.moveTo("c");
  assert.deepEqual([drafts.text, kept(drafts)], ["More", ["a"]]);
  assert.deepEqual(kept(new Drafts({ user: "1", conversation: "new" })), []);
});

for (const damaged of ["{", "5", '{"a":1}', "null"]) {
  test(`a damaged outbox is an empty one: ${damaged}`, () => {
    localStorage.setItem("chatsite:1:outbox:c", damaged);
    assert.deepEqual(drafts.outbox, []);
  });
}

test("without storage there are no drafts, and nothing breaks", () => {
  const denied = () => {
    throw new DOMException("denied", "SecurityError");
  };
  const without = new Drafts({ user: "1", conversation: "c", storage: { getItem: denied, setItem: denied, removeItem: denied } });
  without.text = "x";
  without.keep(item("a"));
  assert.deepEqual([without.text, without.outbox], ["", []]);
});

test("signing out forgets all of ours and nothing else", () => {
  drafts.text = "x";
  localStorage.setItem("other", "kept");
  forgetAll();
  assert.deepEqual(Object.keys(localStorage), ["other"]);
});
