import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { FakeNetwork, settle } from "./fakes.mjs";
import { openPage } from "./page.mjs";

openPage();
const { Api, ApiError } = await import("../../static/js/api.js");
const { Drafts } = await import("../../static/js/drafts.js");
const { Session } = await import("../../static/js/session.js");

const TURN = "11111111-1111-4111-8111-111111111111";
const event = (id, type, fields = {}) => ({ type, turn: TURN, conversation: "c", id, at: "2026-11-21T10:00:01Z", ...fields });

let network, server, calls, session, takesBack;

class FakeApi extends Api {
  constructor() {
    super({ base: "/api/v1/", csrfToken: "t", fetch: (url, options) => this.answer(url, options) });
  }

  async answer(url, { method, body: sent }) {
    calls.push(`${method} ${url}`);
    const answer = server[`${method} ${url}`];
    const body = typeof answer === "function" ? answer(JSON.parse(sent)) : answer;
    if (body === undefined) throw new TypeError("fetch failed");
    if (body instanceof ApiError) return new Response(JSON.stringify({ code: body.code, title: body.words }), { status: body.status });
    return new Response(JSON.stringify(body));
  }
}

function begin({ conversation = "c", items = [] } = {}) {
  calls = [];
  const on = { change() {}, connection() {}, created: (id) => calls.push(`created ${id}`), renamed: (title) => calls.push(`renamed ${title}`), filed: ({ archived }) => calls.push(`filed ${archived}`), gone: () => calls.push("gone"), problem: (words) => calls.push(`problem ${words}`), limited: (text, seconds) => calls.push(`limited ${text} ${seconds}`) && takesBack };
  const drafts = new Drafts({ user: "1", conversation: conversation ?? "new" });
  session = new Session({ api: new FakeApi(), drafts, conversation, items, on, socketUrl: (id) => `/ws/${id}/`, environment: network.environment });
  session.start();
}

const sentFrames = () => network.socket.sent.map(({ type, ...rest }) => [type, rest.turn ?? rest.text, rest.after].filter((part) => part !== undefined));
const accept = ({ client_id: clientId, text }, turn = TURN) =>
  event("0-1", "message.accepted", { turn, message: { id: `m-${clientId}`, role: "user", text, created_at: "2026-11-21T10:00:00Z", client_id: clientId, turn } });

beforeEach(() => {
  localStorage.clear();
  takesBack = true;
  network = new FakeNetwork();
  server = { "GET /api/v1/conversations/c/messages/": { results: [], next: null } };
});

test("a question is sent with its own id and acknowledged", () => {
  begin();
  network.socket.ready();
  session.ask("How many bags?");
  const [frame] = network.socket.sent;
  assert.match(frame.client_id, /^[0-9a-f-]{36}$/);
  network.socket.frame(accept(frame));
  assert.equal(session.state.entries[0].delivery, "sent");
});

test("questions asked while the connection is away go out in order", () => {
  begin();
  session.ask("One");
  session.ask("Two");
  network.socket.ready();
  assert.deepEqual(sentFrames(), [["message.send", "One"], ["message.send", "Two"]]);
});

test("what was not acknowledged is sent again with the same id", () => {
  begin();
  network.socket.ready();
  session.ask("One");
  const [first] = network.socket.sent;
  network.socket.end();
  network.pass(30_000);
  network.socket.ready();
  assert.deepEqual(network.socket.sent, [first]);
});

test("another tab's unsent question stays in the outbox", () => {
  begin();
  session.ask("One");
  const drafts = new Drafts({ user: "1", conversation: "c" });
  drafts.keep({ clientId: "other", text: "Two", at: "2026-11-21T10:00:00Z" });
  network.socket.ready();
  network.socket.frame(accept(network.socket.sent[0]));
  assert.deepEqual(drafts.outbox.map(({ clientId }) => clientId), ["other"]);
});

test("what was not acknowledged survives a reload, and goes when it is", () => {
  begin();
  session.ask("One");
  const [{ clientId }] = session.state.entries;
  begin();
  network.socket.ready();
  assert.equal(network.socket.sent[0].client_id, clientId);
  network.socket.frame(accept(network.socket.sent[0]));
  begin();
  assert.equal(session.state.entries.length, 0);
});

test("after a break a running turn is followed from its cursor", async () => {
  begin();
  network.socket.ready();
  session.ask("One");
  network.socket.frame(accept(network.socket.sent[0]));
  network.socket.frame(event("1-1", "turn.started"));
  network.socket.frame(event("1-2", "turn.delta", { text: "Two " }));
  network.socket.end();
  network.pass(30_000);
  network.socket.ready([{ turn: TURN, status: "running" }]);
  assert.deepEqual(sentFrames(), [["follow", TURN, "1-2"]]);
  network.socket.frame(event("1-3", "turn.delta", { text: "bags" }));
  assert.equal(session.state.entries[0].partial, "Two bags");
});

test("a turn that ended during a break is followed too", () => {
  begin({ items: [{ id: "q", role: "user", text: "x", created_at: "2026-11-21T10:00:00Z", client_id: null, turn: TURN, state: "running" }] });
  network.socket.ready([]);
  assert.deepEqual(sentFrames(), [["follow", TURN, null]]);
});

test("a turn that began elsewhere is followed", () => {
  begin();
  network.socket.ready([{ turn: TURN, status: "queued" }]);
  assert.deepEqual(sentFrames(), [["follow", TURN, null]]);
});

test("after a break the messages are read again", async () => {
  begin();
  network.socket.ready();
  network.socket.end();
  network.pass(30_000);
  network.socket.ready();
  await settle();
  assert.deepEqual(calls, ["GET /api/v1/conversations/c/messages/"]);
});

test("a hole is asked about once for each cursor", () => {
  begin();
  network.socket.ready();
  network.socket.frame(accept({ client_id: "k", text: "x" }));
  network.socket.frame(event("1-2", "turn.delta", { text: "b" }));
  network.socket.frame(event("1-3", "turn.delta", { text: "c" }));
  assert.deepEqual(sentFrames(), [["follow", TURN, "0-1"]]);
});

test("a refused question keeps its words and can be sent again", () => {
  begin();
  network.socket.ready();
  session.ask("One");
  const [frame] = network.socket.sent;
  network.socket.frame({ type: "error", code: "not_saved", words: "Not now.", retryable: true, client_id: frame.client_id });
  assert.deepEqual(session.state.entries[0].problem, { code: "not_saved", words: "Not now.", retryable: true });
  session.resend(frame.client_id);
  assert.deepEqual(network.socket.sent[1], frame);
});

const limitedFrame = ({ client_id: clientId }) =>
  ({ type: "error", code: "rate_limited", words: "Too much.", retryable: true, retry_after: 12, client_id: clientId });

test("a question that came too soon goes back to where it was written", () => {
  begin();
  network.socket.ready();
  session.ask("One");
  network.socket.frame(limitedFrame(network.socket.sent[0]));
  assert.deepEqual([calls, session.state.entries], [["limited One 12"], []]);
  begin();
  assert.deepEqual(session.state.entries, []);
});

test("a question that came too soon stays where there is no room for its words", () => {
  takesBack = false;
  begin();
  network.socket.ready();
  session.ask("One");
  network.socket.frame(limitedFrame(network.socket.sent[0]));
  assert.deepEqual([session.state.entries[0].delivery, session.state.entries[0].problem.words], ["failed", "Too much."]);
});

test("an error that belongs to no question is told", () => {
  begin();
  network.socket.ready();
  network.socket.frame({ type: "error", code: "internal", words: "Oh no.", retryable: true });
  assert.deepEqual(calls, ["problem Oh no."]);
});

test("stop names the turn that is being answered", () => {
  begin();
  network.socket.ready();
  network.socket.frame(accept({ client_id: "k", text: "x" }));
  session.stop();
  assert.deepEqual([sentFrames(), session.stopping], [[["turn.stop", TURN]], TURN]);
  network.socket.frame(event("1-1", "turn.stopped", { message: null, citations: [] }));
  assert.equal(session.stopping, null);
});

test("a changed title is read", async () => {
  begin();
  server["GET /api/v1/conversations/c/"] = { id: "c", title: "Bags", archived: true };
  network.socket.ready();
  network.socket.frame({ type: "conversation.changed" });
  await settle();
  assert.ok(calls.includes("renamed Bags"));
  assert.ok(calls.includes("filed true"));
});

describe("a conversation that does not exist yet", () => {
  test("is made by the first question, which then goes out", async () => {
    server["POST /api/v1/conversations/"] = { id: "c" };
    begin({ conversation: null });
    const asking = session.ask("One");
    session.ask("Two");
    await asking;
    network.socket.ready();
    assert.deepEqual(calls, ["POST /api/v1/conversations/", "created c"]);
    assert.deepEqual(sentFrames(), [["message.send", "One"], ["message.send", "Two"]]);
  });

  test("keeps the question when the desk is away", async () => {
    begin({ conversation: null });
    await session.ask("One");
    assert.deepEqual([session.state.entries[0].delivery, session.state.entries[0].problem.retryable], ["failed", true]);
    server["POST /api/v1/conversations/"] = { id: "c" };
    await session.resend(session.state.entries[0].clientId);
    network.socket.ready();
    assert.deepEqual(sentFrames(), [["message.send", "One"]]);
  });

  test("says so when nobody is signed in", async () => {
    server["POST /api/v1/conversations/"] = new ApiError(403, { code: "not_authenticated" });
    begin({ conversation: null });
    await session.ask("One");
    assert.equal(session.state.entries[0].problem.code, "signedOut");
  });
});

describe("when sockets keep failing", () => {
  const fail = async (times) => {
    for (let time = 0; time < times; time += 1) {
      network.socket.end();
      network.pass(30_000);
      await settle();
    }
  };

  test("a session that is over is found out", async () => {
    server["GET /api/v1/conversations/c/"] = new ApiError(403, { code: "not_authenticated" });
    begin();
    await fail(3);
    assert.equal(session.connection.state.name, "signed-out");
  });

  test("a conversation that was deleted while nobody told us is left", async () => {
    server["GET /api/v1/conversations/c/"] = new ApiError(404, { code: "not_found" });
    begin();
    await fail(3);
    assert.equal(calls.at(-1), "gone");
  });

  test("a proxy that finds nothing is waited for", async () => {
    server["GET /api/v1/conversations/c/"] = new ApiError(404, { code: "error" });
    begin();
    await fail(6);
    assert.ok(!calls.includes("gone"));
    assert.equal(session.connection.state.name, "connecting");
  });

  test("a server that is away is waited for", async () => {
    begin();
    await fail(6);
    assert.equal(session.connection.state.name, "connecting");
  });

  test("plain HTTP carries the conversation where only sockets fail", async () => {
    const sources = [];
    globalThis.EventSource = class extends EventTarget {
      constructor(url) {
        super();
        sources.push(Object.assign(this, { url, close() {} }));
      }
    };
    server["GET /api/v1/conversations/c/"] = { id: "c", title: "" };
    server["POST /api/v1/conversations/c/messages/"] = (asked) => ({ message: accept(asked).message, turn: TURN });
    begin();
    await fail(3);
    assert.equal(session.connection.state.name, "blocked");
    session.ask("One");
    await settle();
    const tell = (body) => sources[0].dispatchEvent(Object.assign(new Event(body.type), { data: JSON.stringify(body) }));
    tell(event("1-1", "turn.started"));
    tell(event("1-2", "turn.delta", { text: "Two" }));
    assert.deepEqual([sources[0].url, session.state.entries[0].partial], [`/api/v1/turns/${TURN}/events`, "Two"]);
  });
});
