import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Announcer, firstSentence } from "../../static/js/announcer.js";
import { emptyState, reduce } from "../../static/js/events.js";
import { news } from "../../static/js/news.js";

const TURN = "11111111-1111-4111-8111-111111111111";
const CLIENT = "22222222-2222-4222-8222-222222222222";
const question = { id: "q", role: "user", text: "Bags?", created_at: "2026-11-21T10:00:00Z", client_id: CLIENT, turn: TURN };
const answer = { id: "a", role: "assistant", text: "Two bags[^1]. And more.", created_at: "2026-11-21T10:00:02Z", turn: TURN };
const event = (id, type, fields = {}) => ({ type: "event", event: { type, turn: TURN, id, ...fields } });
const accepted = event("0-1", "message.accepted", { message: question });
const delta = event("1-2", "turn.delta", { text: "Two" });

/** The kinds of news that each of the actions makes. */
function told(...actions) {
  let state = emptyState();
  return actions.map((action) => {
    const before = state;
    state = reduce(before, action);
    return news(before, state).map(({ kind }) => kind);
  });
}

describe("news", () => {
  test("an answer begins once and ends once, and its words are no news", () => {
    const done = event("1-3", "turn.completed", { message: answer });
    assert.deepEqual(told(accepted, event("1-1", "turn.started"), delta, done), [["answering"], [], [], ["completed"]]);
  });

  test("stopped and failed are told", () => {
    const stopped = event("1-1", "turn.stopped", { message: null });
    const failed = event("1-1", "turn.failed", { code: "x", words: "Sorry." });
    assert.deepEqual([told(accepted, stopped)[1], told(accepted, failed)[1]], [["stopped"], ["failed"]]);
  });

  test("a refused question is told once", () => {
    const sent = { type: "sent", clientId: CLIENT, text: "Bags?", at: "x" };
    const refused = { type: "refused", clientId: CLIENT, problem: { words: "No." } };
    assert.deepEqual(told(sent, refused, refused), [[], ["refused"], []]);
  });

  test("earlier messages read in later are no news, later ones are", () => {
    const note = (id, at) => ({ id, role: "agent", text: "Hello", created_at: at, turn: null });
    const items = [note("before", "2026-11-21T09:00:00Z"), { ...question, state: "running" }, note("after", "2026-11-21T11:00:00Z")];
    assert.deepEqual(told(accepted, { type: "history", items })[1], ["agent"]);
  });

  test("the same state is no news", () => {
    const state = reduce(emptyState(), accepted);
    assert.deepEqual(news(state, state), []);
  });
});

describe("what is said aloud", () => {
  const said = (...items) => {
    const element = { textContent: "" };
    new Announcer(element).tell(items);
    return element.textContent;
  };

  test("the beginning, and the first sentence at the end", () => {
    assert.equal(said({ kind: "answering", entry: {} }), "Answering…");
    assert.equal(said({ kind: "completed", entry: { answer } }), "Answer ready. Two bags.");
  });

  test("why there is no answer", () => {
    assert.equal(said({ kind: "failed", entry: { failure: { words: "The desk is full." } } }), "No answer. The desk is full.");
  });

  test("nothing where an alert speaks already", () => {
    assert.equal(said({ kind: "refused", entry: {} }), "");
  });

  for (const [text, sentence] of [
    ["## Bags\n\nTwo bags.", "Bags"],
    ["- **Two** bags[^1]. More.", "Two bags."],
    ["See [the page](https://a.example). More.", "See the page."],
    ["It costs 3.50 euros today. More.", "It costs 3.50 euros today."],
    ["No end", "No end"],
    ["", ""],
    ["x".repeat(300), `${"x".repeat(200)}…`],
  ]) {
    test(`first sentence of ${JSON.stringify(text.slice(0, 40))}`, () => assert.equal(firstSentence(text), sentence));
  }
});
