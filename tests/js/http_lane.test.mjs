import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Api, ApiError } from "../../static/js/api.js";
import { HttpLane } from "../../static/js/http_lane.js";
import { settle } from "./fakes.mjs";

const CLOSED = 2;

let sources, frames, requests, respond, lane;

class FakeSource extends EventTarget {
  isClosed = false;
  readyState = 1;

  constructor(url) {
    super();
    this.url = url;
    sources.push(this);
  }

  tell(body) {
    this.dispatchEvent(Object.assign(new Event(body.type), { data: JSON.stringify(body) }));
  }

  close() {
    this.isClosed = true;
  }
}

beforeEach(() => {
  [sources, frames, requests] = [[], [], []];
  respond = () => new Response("{}", { status: 202 });
  const fetch = async (url, options) => {
    requests.push([options.method, url, options.headers["X-CSRFToken"], options.body]);
    return respond();
  };
  const api = new Api({ base: "/api/v1/", csrfToken: "t", fetch });
  lane = new HttpLane({ api, conversation: "c", onFrame: (frame) => frames.push(frame), openSource: (url) => new FakeSource(url) });
});

test("a question is posted and its turn followed", async () => {
  respond = () => new Response(JSON.stringify({ message: { id: "m" }, turn: "t1" }), { status: 202 });
  await lane.ask("k", "Bags?");
  assert.deepEqual(requests, [["POST", "/api/v1/conversations/c/messages/", "t", '{"client_id":"k","text":"Bags?"}']]);
  assert.deepEqual([frames, sources[0].url], [[{ type: "accepted", message: { id: "m" }, turn: "t1" }], "/api/v1/turns/t1/events"]);
});

test("a turn is followed once, from its cursor", () => {
  lane.follow("t1", "1-7");
  lane.follow("t1", "1-7");
  assert.deepEqual(sources.map(({ url }) => url), ["/api/v1/turns/t1/events?after=1-7"]);
});

test("after the final event nothing is asked for again", () => {
  lane.follow("t1", null);
  sources[0].tell({ type: "turn.delta", text: "Two" });
  assert.equal(sources[0].isClosed, false);
  sources[0].tell({ type: "turn.completed" });
  assert.equal(sources[0].isClosed, true);
  assert.deepEqual(frames.map(({ type }) => type), ["turn.delta", "turn.completed"]);
});

test("a refused stream can be followed again", () => {
  lane.follow("t1", null);
  sources[0].readyState = CLOSED;
  sources[0].onerror();
  lane.follow("t1", null);
  assert.equal(sources.length, 2);
});

test("a broken stream is left to the browser to resume", () => {
  lane.follow("t1", null);
  sources[0].readyState = 0;
  sources[0].onerror();
  assert.equal(sources[0].isClosed, false);
});

test("a refusal is told as the socket would tell it", async () => {
  respond = () => new Response('{"code":"message_too_long","title":"Too long."}', { status: 422 });
  await lane.ask("k", "x");
  assert.deepEqual(frames, [{ type: "error", client_id: "k", code: "message_too_long", words: "Too long.", retryable: false }]);
});

test("too much at once says when it may be sent", async () => {
  const body = '{"code":"rate_limited","title":"Too much.","retryable":true,"retry_after":12}';
  respond = () => new Response(body, { status: 429 });
  await lane.ask("k", "x");
  assert.deepEqual([frames[0].code, frames[0].retryable, frames[0].retry_after], ["rate_limited", true, 12]);
});

test("a server that does not answer can be asked again", async () => {
  respond = () => {
    throw new TypeError("fetch failed");
  };
  await lane.ask("k", "x");
  assert.deepEqual([frames[0].code, frames[0].retryable], ["unreachable", true]);
});

test("stop is posted, and an answer without a body is fine", async () => {
  respond = () => new Response(null, { status: 202 });
  await lane.stop("t1");
  assert.deepEqual([requests[0].slice(0, 2), frames], [["POST", "/api/v1/turns/t1/stop"], []]);
});

test("closing ends every stream", async () => {
  lane.follow("t1", null);
  lane.follow("t2", null);
  lane.close();
  await settle();
  assert.ok(sources.every(({ isClosed }) => isClosed));
});

for (const [status, retryable] of [[0, true], [503, true], [403, false], [422, false]]) {
  test(`status ${status} is ${retryable ? "" : "not "}worth another try`, () => {
    assert.equal(new ApiError(status).retryable, retryable);
  });
}
