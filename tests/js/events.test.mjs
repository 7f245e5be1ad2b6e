import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { emptyState, isAfter, parseId, reduce, unacknowledged, unfinished } from "../../static/js/events.js";

const TURN = "11111111-1111-4111-8111-111111111111";
const CLIENT = "22222222-2222-4222-8222-222222222222";
const question = { id: "q", role: "user", text: "How many bags?", created_at: "2026-11-21T10:00:00Z", client_id: CLIENT, turn: TURN };
const answer = (text) => ({ id: "a", role: "assistant", text, created_at: "2026-11-21T10:00:02Z", client_id: null, turn: TURN });
const event = (id, type, fields = {}) => ({ type, turn: TURN, conversation: "c", id, at: "2026-11-21T10:00:01Z", ...fields });
const delta = (id, text) => event(id, "turn.delta", { text });
const completed = (id, text) => event(id, "turn.completed", {
  message: answer(text),
  citations: [{ number: 1, kind: "passage", title: "Checked baggage" }],
  notices: [{ kind: "fee", text: "A fee applies." }],
  quick_replies: ["And in the cabin?"],
  source: { kind: "model", provider: "openai", model: "m" },
});

const accepted = event("0-1", "message.accepted", { message: question });
const PLAIN = [accepted, event("1-1", "turn.started"), event("1-2", "turn.understood", { intent: "policy", language: "en" }),
  delta("1-3", "Two "), delta("1-4", "bags"), completed("1-5", "Two bags.")];
const RESTARTED = [accepted, event("1-1", "turn.started"), delta("1-2", "Thr"), event("2-1", "turn.restarted"),
  delta("2-2", "Two"), completed("2-3", "Two bags.")];
const STOPPED = [accepted, event("1-1", "turn.started"), delta("1-2", "Two"),
  event("1-3", "turn.stopped", { message: answer("Two"), citations: [] })];
const STOPPED_EARLY = [accepted, event("0-2", "turn.stopped", { message: null, citations: [] })];
const FAILED = [accepted, event("1-1", "turn.started"), delta("1-2", "Tw"),
  event("1-3", "turn.failed", { code: "provider_away", words: "Please try again.", retryable: true })];
const SEQUENCES = { PLAIN, RESTARTED, STOPPED, STOPPED_EARLY, FAILED };

const apply = (events, state = emptyState()) => events.reduce((before, one) => reduce(before, { type: "event", event: one }), state);
const only = (state) => {
  assert.equal(state.entries.length, 1);
  return state.entries[0];
};

/** What the page shows of an entry; cursor and held events are bookkeeping. */
const shown = ({ status, partial, answer: message, citations, notices, quickReplies, failure, question: asked }) =>
  ({ status, partial, text: message?.text ?? null, citations, notices, quickReplies, failure, asked: asked?.text ?? null });

describe("every sequence, cut at every place", () => {
  for (const [name, events] of Object.entries(SEQUENCES)) {
    const whole = shown(only(apply(events)));
    for (let cut = 0; cut <= events.length; cut += 1) {
      test(`${name} resumes after ${cut} events with the same end`, () => {
        const before = apply(events.slice(0, cut));
        const cursor = before.entries[0]?.cursor ?? null;
        const missed = events.filter((one) => isAfter(one.id, cursor));
        assert.deepEqual(shown(only(apply(missed, before))), whole);
      });
      test(`${name} ignores a full replay after ${cut} events`, () => {
        assert.deepEqual(shown(only(apply(events, apply(events.slice(0, cut))))), whole);
      });
      test(`${name} with the first ${cut} lost ends the same but for its question`, () => {
        const entry = shown(only(apply([...events.slice(cut), events.at(-1)])));
        assert.deepEqual({ ...entry, asked: whole.asked }, whole);
      });
    }
    test(`${name} is the same with every event sent twice`, () => {
      assert.deepEqual(shown(only(apply(events.flatMap((one) => [one, one])))), whole);
    });
    test(`${name} is the same in any order of arrival of its previews`, () => {
      const mixed = [events[0], ...events.slice(1, -1).reverse(), events.at(-1)];
      assert.deepEqual(shown(only(apply(mixed))), whole);
    });
  }
});

test("deltas build the preview", () => {
  assert.equal(only(apply(PLAIN.slice(0, 5))).partial, "Two bags");
});

test("a completed turn replaces the preview", () => {
  const entry = only(apply([...PLAIN.slice(0, 4), completed("1-4", "Something else.")]));
  assert.deepEqual([entry.partial, entry.answer.text, entry.status], ["", "Something else.", "completed"]);
});

test("nothing follows a final event", () => {
  const state = apply(PLAIN);
  assert.equal(reduce(state, { type: "event", event: delta("1-6", "more") }), state);
  assert.equal(reduce(state, { type: "event", event: delta("2-1", "more") }), state);
});

test("a restart drops the partial text", () => {
  assert.equal(only(apply(RESTARTED.slice(0, 4))).partial, "");
  assert.equal(only(apply(RESTARTED.slice(0, 5))).partial, "Two");
});

test("a higher attempt drops the text of the lower one", () => {
  const entry = only(apply([accepted, event("1-1", "turn.started"), delta("1-2", "old"), delta("2-1", "new")]));
  assert.equal(entry.partial, "new");
});

test("a preview beyond a hole waits for what is missing", () => {
  const state = apply([...PLAIN.slice(0, 3), delta("1-4", "bags")]);
  assert.deepEqual([only(state).partial, only(state).held.length, only(state).cursor], ["", 1, "1-2"]);
  const healed = apply([delta("1-3", "Two ")], state);
  assert.deepEqual([only(healed).partial, only(healed).held.length, only(healed).cursor], ["Two bags", 0, "1-4"]);
});

test("an event of an unknown type takes its place and changes nothing else", () => {
  const entry = only(apply([accepted, event("1-1", "turn.started"), event("1-2", "turn.pondered"), delta("1-3", "Two")]));
  assert.deepEqual([entry.partial, entry.cursor], ["Two", "1-3"]);
});

for (const type of ["constructor", "toString", "__proto__"]) {
  test(`an event of type ${type} is just unknown`, () => {
    assert.equal(only(apply([accepted, event("1-1", type)])).status, "queued");
  });
}

for (const broken of [null, {}, { turn: TURN }, { turn: TURN, id: "x" }, { turn: 5, id: "1-1" }, { turn: TURN, id: "1-1-1" }]) {
  test(`a frame that is no event is ignored: ${JSON.stringify(broken)}`, () => {
    const state = apply(PLAIN.slice(0, 4));
    assert.equal(reduce(state, { type: "event", event: broken }), state);
  });
}

test("a turn that began elsewhere appears with its question", () => {
  const entry = only(apply(PLAIN.slice(0, 2)));
  assert.deepEqual([entry.question.text, entry.status], ["How many bags?", "running"]);
});

test("a turn without its question asks for the messages", () => {
  const state = apply([completed("1-5", "Two bags.")]);
  assert.deepEqual([only(state).question, state.reload], [null, true]);
});

test("event ids compare as numbers", () => {
  assert.deepEqual(parseId("2-17"), [2, 17]);
  assert.equal(parseId("2-"), null);
  assert.ok(isAfter("1-10", "1-9"));
  assert.ok(isAfter("10-1", "9-99"));
  assert.ok(!isAfter("1-9", "1-9"));
});

describe("sending", () => {
  const sent = { type: "sent", clientId: CLIENT, text: "How many bags?", at: "2026-11-21T10:00:00Z" };

  test("a question stands there before the server knows it", () => {
    const state = reduce(emptyState(), sent);
    assert.deepEqual(unacknowledged(state).map((entry) => entry.question.text), ["How many bags?"]);
  });

  test("the acknowledgement meets the question by its client id", () => {
    const entry = only(apply(PLAIN.slice(0, 1), reduce(emptyState(), sent)));
    assert.deepEqual([entry.delivery, entry.turn, entry.key], ["sent", TURN, CLIENT]);
  });

  test("the same client id again makes nothing new", () => {
    const state = reduce(emptyState(), sent);
    assert.equal(reduce(state, sent), state);
  });

  test("an answer over plain HTTP acknowledges as well", () => {
    const state = reduce(reduce(emptyState(), sent), { type: "accepted", message: question, turn: TURN });
    assert.deepEqual(shown(only(apply(PLAIN, state))), shown(only(apply(PLAIN))));
  });

  test("a refused question can be sent again with the same id", () => {
    const problem = { code: "not_saved", words: "Not now.", retryable: true };
    const refused = reduce(reduce(emptyState(), sent), { type: "refused", clientId: CLIENT, problem });
    assert.deepEqual([only(refused).delivery, only(refused).problem], ["failed", problem]);
    const again = reduce(refused, { type: "resent", clientId: CLIENT });
    assert.deepEqual([only(again).delivery, only(again).problem], ["pending", null]);
  });

  test("a refusal after the acknowledgement changes nothing", () => {
    const state = apply(PLAIN.slice(0, 1), reduce(emptyState(), sent));
    assert.equal(reduce(state, { type: "refused", clientId: CLIENT, problem: {} }), state);
  });

  test("only what was not sent can be taken off the page", () => {
    const pending = reduce(emptyState(), sent);
    assert.equal(reduce(pending, { type: "discarded", clientId: CLIENT }).entries.length, 0);
    const state = apply(PLAIN.slice(0, 1), pending);
    assert.equal(reduce(state, { type: "discarded", clientId: CLIENT }).entries.length, 1);
  });
});

describe("reading the messages", () => {
  const asked = { ...question, state: "completed" };
  const answered = { ...answer("Two bags."), state: "completed", citations: [{ number: 1 }], notices: [], quick_replies: [], source: null };
  const history = (items, state = emptyState()) => reduce(state, { type: "history", items });

  test("questions and answers meet in entries", () => {
    const entry = only(history([asked, answered]));
    assert.deepEqual([entry.question.text, entry.answer.text, entry.citations.length], ["How many bags?", "Two bags.", 1]);
  });

  test("a failed turn says why", () => {
    const error = { code: "x", words: "Sorry.", retryable: false };
    assert.deepEqual(only(history([{ ...asked, state: "failed", error }])).failure, error);
  });

  test("a running turn is followed from its beginning", () => {
    const state = history([{ ...asked, state: "running" }]);
    assert.deepEqual(unfinished(state).map(({ turn, cursor }) => [turn, cursor]), [[TURN, null]]);
  });

  test("what an event settled is not undone by an older reading", () => {
    const state = history([{ ...asked, state: "running" }], apply(PLAIN));
    assert.deepEqual(shown(only(state)), shown(only(apply(PLAIN))));
  });

  test("a reading keeps the preview of a running turn", () => {
    const state = history([{ ...asked, state: "running" }], apply(PLAIN.slice(0, 5)));
    assert.deepEqual([only(state).partial, only(state).cursor], ["Two bags", "1-4"]);
  });

  test("a reading settles what ended meanwhile", () => {
    const entry = only(history([asked, answered], apply(PLAIN.slice(0, 4))));
    assert.deepEqual([entry.status, entry.answer.text, entry.partial], ["completed", "Two bags.", ""]);
  });

  test("a reading acknowledges a pending question", () => {
    const pending = reduce(emptyState(), { type: "sent", clientId: CLIENT, text: "How many bags?", at: "x" });
    assert.equal(only(history([{ ...asked, state: "queued" }], pending)).delivery, "sent");
  });

  test("the missing question of a known turn is filled in", () => {
    const state = history([asked, answered], apply([completed("1-5", "Two bags.")]));
    assert.deepEqual([only(state).question.text, state.reload], ["How many bags?", false]);
  });

  test("entries keep the order of the server, new ones before what is pending", () => {
    const pending = reduce(emptyState(), { type: "sent", clientId: "other", text: "Later", at: "x" });
    const note = { id: "n", role: "agent", text: "Hello", created_at: "2026-11-21T10:01:00Z", turn: null };
    const state = history([asked, answered, note], pending);
    assert.deepEqual(state.entries.map((entry) => entry.key), [CLIENT, "n", "other"]);
  });

  test("reading the same messages twice changes nothing that is shown", () => {
    const once = history([asked, answered]);
    const twice = history([asked, answered], once);
    assert.deepEqual(twice.entries, once.entries);
    assert.equal(twice.entries[0], once.entries[0]);
  });
});

test("states are never changed in place", () => {
  const freeze = (value) => {
    if (value && typeof value === "object" && !Object.isFrozen(value)) Object.values(Object.freeze(value)).forEach(freeze);
    return value;
  };
  let state = freeze(emptyState());
  for (const one of [...RESTARTED.slice(0, 4), delta("2-3", "x"), delta("2-2", "y"), completed("2-4", "z")]) {
    state = freeze(reduce(state, { type: "event", event: one }));
  }
  assert.equal(only(state).answer.text, "z");
});
