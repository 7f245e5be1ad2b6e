import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { openPage } from "./page.mjs";

const dom = openPage();
const { ApiError } = await import("../../static/js/api.js");
const { emptyState, reduce } = await import("../../static/js/events.js");
const { RatingView } = await import("../../static/js/rating.js");
const { Session } = await import("../../static/js/session.js");

const UP = { value: "up", reasons: [], comment: "" };
const items = (rating) => [
  { id: "q", role: "user", text: "Bags?", created_at: "2026-01-01T10:00:00Z", client_id: "c", turn: "t", state: "completed" },
  { id: "a", role: "assistant", text: "23 kg", created_at: "2026-01-01T10:00:01Z", turn: "t", state: "completed", rating },
];
const read = (state, rating) => reduce(state, { type: "history", items: items(rating) });

describe("ratings in the state", () => {
  test("come with the history, and a later one takes their place", () => {
    const state = read(read(emptyState(), null), UP);
    assert.deepEqual(state.entries[0].rating, UP);
    assert.equal(read(state, null).entries[0].rating, null);
  });

  test("stay where the history does not know of them", () => {
    assert.deepEqual(read(read(emptyState(), UP), undefined).entries[0].rating, UP);
  });

  test("change nothing when they are the same", () => {
    const state = read(emptyState(), UP);
    assert.equal(read(state, { ...UP }), state);
  });
});

describe("rating", () => {
  let session, calls, problems;
  const rated = () => session.state.entries[0].rating;

  beforeEach(() => {
    calls = [];
    problems = [];
    const api = { rate: (turn, rating) => new Promise((keep, fail) => calls.push({ turn, rating, keep, fail })) };
    const on = { change() {}, problem: (words) => problems.push(words) };
    session = new Session({ api, drafts: { outbox: [], drop() {} }, conversation: "x", items: items(null), on, socketUrl: String });
  });

  test("is shown at once, and as it was kept in the end", async () => {
    const done = session.rate("t", { ...UP, comment: "a@example.com" });
    assert.equal(rated().comment, "a@example.com");
    await Promise.resolve();
    calls[0].keep({ ...UP, comment: "[EMAIL]" });
    assert.equal(await done, true);
    assert.equal(rated().comment, "[EMAIL]");
  });

  test("is taken off the page when it could not be kept", async () => {
    const done = session.rate("t", UP);
    await Promise.resolve();
    calls[0].fail(new ApiError(503, { code: "not_saved", words: "Later, please." }));
    assert.equal(await done, false);
    assert.equal(rated(), null);
    assert.deepEqual(problems, ["Later, please."]);
  });

  test("one after the other, and the last one stands", async () => {
    session.rate("t", UP);
    const last = session.rate("t", null);
    await Promise.resolve();
    assert.equal(calls.length, 1);
    calls[0].keep(UP);
    await new Promise(setImmediate);
    assert.equal(rated(), null);
    calls[1].keep(null);
    assert.equal(await last, true);
    assert.equal(rated(), null);
  });
});

describe("thumbs", () => {
  let view, asked;
  const entry = { turn: "t", answer: { text: "23 kg" }, rating: null };
  const click = (element) => element.dispatchEvent(new dom.window.MouseEvent("click", { bubbles: true }));
  const chip = (reason) => view.panel.querySelector(`[data-reason="${reason}"]`);

  beforeEach(() => {
    asked = [];
    const rate = async (turn, rating) => {
      asked.push(rating);
      view.draw({ ...entry, rating });
      return true;
    };
    view = new RatingView({ actions: { rate } });
    view.draw(entry);
  });

  test("are not there for an answer without words", () => {
    view.draw({ ...entry, answer: null });
    assert.equal(view.thumbs.hidden, true);
  });

  test("open the reasons, which are toggled", () => {
    click(view.down);
    click(chip("incomplete"));
    click(chip("unclear"));
    click(chip("incomplete"));
    assert.deepEqual(asked.map((rating) => rating.reasons), [[], ["incomplete"], ["incomplete", "unclear"], ["unclear"]]);
    assert.equal(chip("unclear").ariaPressed, "true");
  });

  test("pressed again take the rating back, and the reasons go", () => {
    click(view.up);
    click(view.up);
    assert.equal(asked.at(-1), null);
    assert.equal(view.panel.hidden, true);
  });

  test("of the other kind have other reasons, and keep the words", () => {
    view.draw({ ...entry, rating: { ...UP, reasons: ["clear"], comment: "Well said" } });
    click(view.down);
    assert.deepEqual(asked.at(-1), { value: "down", reasons: [], comment: "Well said" });
    assert.equal(chip("clear"), null);
  });
});
