import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { Connection, retryDelay } from "../../static/js/connection.js";
import { FakeNetwork } from "./fakes.mjs";

let network, states, frames, readies, waiting, connection;

beforeEach(() => {
  network = new FakeNetwork();
  [states, frames, readies, waiting] = [[], [], [], false];
  connection = new Connection({
    url: "wss://desk.example.org/ws/conversations/c/",
    onState: (state) => states.push(state.name),
    onFrame: (frame) => frames.push(frame),
    onReady: (frame) => readies.push(frame),
    isWaiting: () => waiting,
    environment: network.environment,
  });
  connection.open();
});

const LONGEST_MS = 30_000;

test("it is connected when the server says ready, not before", () => {
  assert.deepEqual(states, ["connecting"]);
  network.socket.ready([{ turn: "t", status: "running" }]);
  assert.deepEqual([states.at(-1), readies[0].running.length], ["connected", 1]);
});

test("frames are handed on, pongs and rubbish are not", () => {
  network.socket.ready();
  for (const body of [{ type: "turn.delta" }, { type: "pong" }, "{", "5", "null", "[]", { no: "type" }]) network.socket.frame(body);
  assert.deepEqual(frames, [{ type: "turn.delta" }]);
});

test("nothing is sent before the connection is ready", () => {
  assert.equal(connection.send({ type: "ping" }), false);
  assert.deepEqual(network.socket.sent, []);
});

test("a lost connection is tried again after a countdown", () => {
  network.socket.ready();
  network.socket.end();
  assert.equal(states.at(-1), "reconnecting");
  assert.equal(connection.state.retryAt, retryDelay(0, () => 0.5));
  network.pass(connection.state.retryAt);
  assert.deepEqual([network.sockets.length, states.at(-1)], [2, "connecting"]);
});

test("the waits grow to a limit and are spread", () => {
  const delays = Array.from({ length: 12 }, (_, failures) => retryDelay(failures, () => 1));
  assert.deepEqual(delays, [...delays].sort((a, b) => a - b));
  assert.equal(delays.at(-1), LONGEST_MS);
  assert.ok(retryDelay(3, () => 0) < retryDelay(3, () => 1) / 3);
});

test("a connection that came up starts the waits anew", () => {
  for (let time = 0; time < 4; time += 1) {
    network.socket.end();
    network.pass(connection.state.retryAt - network.time);
  }
  network.socket.ready();
  network.socket.end();
  assert.equal(connection.state.retryAt - network.time, retryDelay(0, () => 0.5));
});

test("retry now does not wait", () => {
  network.socket.end();
  connection.retryNow();
  assert.equal(network.sockets.length, 2);
  network.pass(LONGEST_MS - 20_000);
  assert.equal(network.sockets.length, 2);
});

test("offline it rests, and comes back with the network", () => {
  network.socket.ready();
  network.isUp = false;
  connection.offline();
  assert.equal(states.at(-1), "offline");
  network.pass(10 * LONGEST_MS);
  assert.equal(network.sockets.length, 1);
  network.isUp = true;
  connection.online();
  assert.equal(network.sockets.length, 2);
});

test("a retry that finds the machine offline rests", () => {
  network.socket.end();
  network.isUp = false;
  network.pass(LONGEST_MS);
  assert.deepEqual([states.at(-1), network.sockets.length], ["offline", 1]);
});

test("closed for idleness it sleeps until it is used", () => {
  network.socket.ready();
  network.socket.end(4408);
  network.pass(10 * LONGEST_MS);
  assert.deepEqual([states.at(-1), network.sockets.length], ["dormant", 1]);
  assert.equal(connection.send({ type: "ping" }), false);
  assert.equal(network.sockets.length, 2);
});

test("signed out it does not insist", () => {
  network.socket.ready();
  network.socket.end(4401);
  network.pass(10 * LONGEST_MS);
  assert.deepEqual([states.at(-1), network.sockets.length], ["signed-out", 1]);
});

test("a server that goes away is found again", () => {
  network.socket.ready();
  network.socket.end(1001);
  network.pass(2_000);
  assert.equal(network.sockets.length, 2);
});

test("a socket that never opens counts as failed", () => {
  network.pass(15_000);
  assert.equal(states.at(-1), "reconnecting");
  assert.ok(network.sockets[0].isClosed);
});

test("events of an abandoned socket are not heard", () => {
  const [old] = network.sockets;
  old.ready();
  connection.offline();
  old.frame({ type: "turn.delta" });
  old.end();
  assert.deepEqual([frames, states.at(-1)], [[], "offline"]);
});

describe("silence", () => {
  test("means nothing while nothing is expected, and costs no timer", () => {
    network.socket.ready();
    assert.equal(network.timers, 0);
    network.pass(10 * LONGEST_MS);
    assert.deepEqual(network.socket.sent, []);
  });

  test("is asked about while something is expected", () => {
    waiting = true;
    network.socket.ready();
    network.pass(10_000);
    assert.deepEqual(network.socket.sent, [{ type: "ping" }]);
    network.socket.frame({ type: "pong" });
    network.pass(5_000);
    assert.equal(states.at(-1), "connected");
  });

  test("after the question is a dead connection", () => {
    waiting = true;
    network.socket.ready();
    network.pass(15_000);
    assert.equal(states.at(-1), "reconnecting");
  });

  test("is asked about when somebody looks again", () => {
    network.socket.ready();
    connection.visible();
    assert.deepEqual(network.socket.sent, [{ type: "ping" }]);
    network.pass(5_000);
    assert.equal(states.at(-1), "reconnecting");
  });
});

test("looking again retries at once", () => {
  network.socket.end();
  connection.visible();
  assert.equal(network.sockets.length, 2);
});

test("looking again after signing in elsewhere connects", () => {
  network.socket.ready();
  network.socket.end(4401);
  connection.visible();
  assert.equal(network.sockets.length, 2);
});

test("closed for good it stays closed", () => {
  connection.close();
  connection.retryNow();
  connection.visible();
  connection.open();
  network.pass(10 * LONGEST_MS);
  assert.deepEqual([network.sockets.length, states.at(-1)], [1, "closed"]);
});
