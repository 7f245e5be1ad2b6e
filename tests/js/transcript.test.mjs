import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { openPage } from "./page.mjs";

openPage();
const { emptyState, reduce } = await import("../../static/js/events.js");
const { Transcript } = await import("../../static/js/transcript.js");

const TURN = "11111111-1111-4111-8111-111111111111";
const CLIENT = "22222222-2222-4222-8222-222222222222";
const question = { id: "q", role: "user", text: "How many <b>bags</b>?", created_at: "2026-11-21T10:00:00Z", client_id: CLIENT, turn: TURN };
const answer = { id: "a", role: "assistant", text: "Two bags[^1] and one more[^7].", created_at: "2026-11-21T10:00:02Z", client_id: null, turn: TURN };
const citation = { number: 1, kind: "passage", title: "Checked baggage", section: "Checked baggage › Allowance", quote: "Two bags.", url: "/knowledge/passages/3/", version: 1, effective_from: "2026-01-01" };
const event = (id, type, fields = {}) => ({ type, turn: TURN, conversation: "c", id, ...fields });
const completed = (id, fields = {}) => event(id, "turn.completed", {
  message: answer, citations: [citation], notices: [{ kind: "fee", text: "A fee applies." }], quick_replies: ["And in the cabin?"],
  source: { kind: "model" }, ...fields,
});
const BEGUN = [event("0-1", "message.accepted", { message: question }), event("1-1", "turn.started"),
  event("1-2", "turn.understood", { intent: "flight", language: "es" })];

let root, transcript, started, state;

function apply(...events) {
  for (const one of events) state = reduce(state, { type: "event", event: one });
  draw();
}

function draw(extra = {}) {
  transcript.draw(state, { isConnected: true, stopping: null, ...extra });
}

const all = (selector) => [...root.querySelectorAll(selector)];
const texts = (selector) => all(selector).map((element) => element.textContent);

beforeEach(() => {
  root = document.createElement("div");
  root.innerHTML = "<article>from the server</article>";
  document.body.replaceChildren(root);
  started = [];
  const actions = Object.fromEntries(["resend", "discard", "askAgain", "reply", "showSource"].map((name) => [name, (value) => started.push([name, value])]));
  transcript = new Transcript({ root, company: "Larkwing Air", actions });
  state = emptyState();
});

test("a question and its growing answer stand under their day", () => {
  apply(...BEGUN, event("1-3", "turn.delta", { text: "Two **bags" }));
  assert.deepEqual(all(":scope > *").map((element) => element.className), ["day", "entry"]);
  assert.deepEqual(texts(".sender"), ["You", "Larkwing Air desk"]);
  assert.equal(texts(".answer")[0].trim(), "Two **bags");
});

test("the offer of a person says what it is and can be taken up with one press", () => {
  const words = "Please have a person look at this";
  apply(...BEGUN, completed("1-9", { notices: [{ kind: "person", text: "If you would rather…" }], quick_replies: [words] }));
  assert.deepEqual(texts(".notice strong"), ["A person"]);
  assert.deepEqual(texts(".reply"), [words]);
  all(".reply")[0].click();
  assert.deepEqual(started, [["reply", words]]);
});

test("a question is text, never markup", () => {
  apply(...BEGUN);
  assert.equal(texts(".bubble")[0], "How many <b>bags</b>?");
});

test("while nothing is written it says what is looked up", () => {
  apply(...BEGUN);
  assert.equal(texts(".progress")[0], "Looking up the flight…");
});

test("markers wait without citations, then open their source", () => {
  apply(...BEGUN, event("1-3", "turn.delta", { text: "Two bags[^1]" }));
  assert.equal(all(".cite button")[0].disabled, true);
  apply(completed("1-4"));
  const [marker] = all(".cite button");
  assert.deepEqual([marker.disabled, marker.getAttribute("aria-label")], [false, "Source 1: Checked baggage"]);
  marker.click();
  assert.deepEqual(started, [["showSource", citation]]);
});

test("a marker never points to nothing", () => {
  apply(...BEGUN, completed("1-3"));
  assert.deepEqual(texts(".cite"), ["[1]"]);
});

test("a finished answer shows notices, sources and where its words come from", () => {
  apply(...BEGUN, completed("1-3"));
  assert.match(texts(".notice")[0], /^Heads up A fee applies\.$/);
  assert.deepEqual(texts(".source-section"), ["Allowance"]);
  assert.deepEqual(texts(".provenance"), ["Written by a language model from these sources."]);
});

test("an answer without a source says so", () => {
  apply(...BEGUN, completed("1-3", { citations: [] }));
  assert.deepEqual(texts(".provenance"), ["No source was found for this answer."]);
});

test("quick replies stand under the newest answer alone", () => {
  apply(...BEGUN, completed("1-3"));
  all(".reply")[0].click();
  assert.deepEqual(started, [["reply", "And in the cabin?"]]);
  state = reduce(state, { type: "sent", clientId: "x", text: "And in the cabin?", at: "2026-11-21T10:01:00Z" });
  draw();
  assert.equal(all(".quick").length, 0);
});

test("a stopped answer keeps its text and can be asked again", () => {
  apply(...BEGUN, event("1-3", "turn.stopped", { message: answer, citations: [] }));
  assert.match(texts(".outcome p")[0], /^Stopped/);
  all(".outcome button")[0].click();
  assert.deepEqual(started, [["askAgain", question.text]]);
});

test("a failed answer says why, and offers another try only where one helps", () => {
  apply(...BEGUN, event("1-3", "turn.failed", { code: "x", words: "The desk is full.", retryable: false }));
  assert.deepEqual([texts(".outcome p"), all(".outcome button").length], [["The desk is full."], 0]);
});

describe("sending", () => {
  beforeEach(() => {
    state = reduce(state, { type: "sent", clientId: CLIENT, text: "Hello", at: "2026-11-21T10:00:00Z" });
  });

  test("says when it is under way and when it waits", () => {
    draw();
    assert.deepEqual(texts(".delivery"), ["Sending…"]);
    draw({ isConnected: false });
    assert.deepEqual(texts(".delivery"), ["Waiting for the connection"]);
  });

  test("says when it failed and offers to send again", () => {
    state = reduce(state, { type: "refused", clientId: CLIENT, problem: { code: "x", words: "Not now.", retryable: true } });
    draw();
    assert.equal(texts('[role="alert"]')[0], "Not sent Not now.");
    all(".delivery button").forEach((one) => one.click());
    assert.deepEqual(started, [["resend", CLIENT], ["discard", CLIENT]]);
  });

  test("keeps its place on the page when it is acknowledged", () => {
    draw();
    const [entry] = all(".entry");
    apply(BEGUN[0]);
    assert.equal(all(".entry")[0], entry);
    assert.equal(all(".delivery")[0].hidden, true);
  });
});

test("stopping is said until it has happened", () => {
  apply(...BEGUN);
  draw({ stopping: TURN });
  assert.equal(texts(".progress")[0], "Stopping…");
});

test("messages of another day stand under another day", () => {
  const note = { id: "n", role: "agent", text: "Hello", created_at: "2026-11-23T10:00:00Z", turn: null };
  state = reduce(state, { type: "history", items: [{ ...question, state: "completed" }, { ...answer, state: "completed" }, note] });
  draw();
  assert.deepEqual(all(":scope > *").map((element) => element.className), ["day", "entry", "day", "message"]);
  assert.deepEqual(texts(".badge"), ["Automated", "A person"]);
});

test("earlier messages read in later come first", () => {
  apply(...BEGUN, completed("1-3"));
  const earlier = { id: "e", role: "agent", text: "Before", created_at: "2026-11-21T09:00:00Z", turn: null };
  state = reduce(state, { type: "history", items: [earlier, { ...question, state: "completed" }, { ...answer, state: "completed" }] });
  draw();
  assert.deepEqual(all(":scope > *").map((element) => element.className), ["day", "message", "entry"]);
});

test("what did not change is not drawn again", () => {
  apply(...BEGUN, completed("1-3"));
  const [block, marker] = [all(".block")[0], all(".cite button")[0]];
  state = reduce(state, { type: "sent", clientId: "x", text: "More", at: "2026-11-21T10:01:00Z" });
  draw();
  assert.equal(all(".block")[0], block);
  assert.equal(all(".cite button")[0], marker);
});
