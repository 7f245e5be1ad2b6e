import assert from "node:assert/strict";
import { beforeEach, describe, mock, test } from "node:test";

import { openPage } from "./page.mjs";

openPage();
const { Figures } = await import("../../static/js/stats_figures.js");
const { Follower } = await import("../../static/js/stats_stream.js");

const PAGE = `
  <p><span data-state role="status"></span><span data-clock hidden>as of <b data-figure="at">1</b></span></p>
  <a data-reload hidden></a><div data-alone hidden></div>
  <table><tbody data-rows="processes"><tr><th scope="row">a:1</th><td>Web</td><td class="number">0</td></tr></tbody></table>
  <dd data-figure="turns.running">0</dd><dd data-figure="gone">5</dd>`;

const told = (texts = {}, processes = [], everywhere = true) => ({ everywhere, shown: { texts, processes, steps: [] } });

describe("figures", () => {
  let root, figures;
  const cells = () => [...root.querySelectorAll("tr")].map((row) => [...row.cells].map((cell) => cell.textContent));

  beforeEach(() => {
    root = document.createElement("div");
    root.innerHTML = PAGE;
    figures = new Figures(root);
  });

  test("take the server's words, and a dash for what it does not tell", () => {
    figures.show(told({ at: "10:00:01", "turns.running": "3" }));
    assert.deepEqual([...root.querySelectorAll("[data-figure]")].map((place) => place.textContent), ["10:00:01", "3", "–"]);
  });

  test("have a row for every process there is, and keep the cells of those that stay", () => {
    const first = root.querySelector("th");
    figures.show(told({}, [["a:1", "Web", "7"], ["b:2", "Worker", "0"]]));
    assert.deepEqual(cells(), [["a:1", "Web", "7"], ["b:2", "Worker", "0"]]);
    assert.equal(root.querySelector("th"), first);
    assert.equal(root.querySelectorAll("tr")[1].cells[0].scope, "row");
    figures.show(told({}, [["b:2", "Worker", "1"]]));
    assert.deepEqual(cells(), [["b:2", "Worker", "1"]]);
  });

  test("write names as text", () => {
    figures.show(told({}, [["<img src=x>", "Web", "1"]]));
    assert.equal(root.querySelector("img"), null);
  });

  test("say when they are one process's own", () => {
    figures.show(told({}, [], false));
    assert.equal(root.querySelector("[data-alone]").hidden, false);
    figures.show(told());
    assert.equal(root.querySelector("[data-alone]").hidden, true);
  });

  test("offer to reload only where the stream is refused", () => {
    figures.say("live");
    assert.equal(root.querySelector("[data-state]").textContent, "Live");
    assert.equal(root.querySelector("[data-reload]").hidden, true);
    figures.say("refused");
    assert.equal(root.querySelector("[data-reload]").hidden, false);
  });
});

class FakeSource extends EventTarget {
  static CLOSED = 2;
  static all = [];
  readyState = 1;
  constructor(url) {
    super();
    this.url = url;
    FakeSource.all.push(this);
  }
  close() {
    this.readyState = 2;
  }
  say(name, data = {}) {
    this.dispatchEvent(Object.assign(new Event(name), { data: JSON.stringify(data) }));
  }
}

describe("stream", () => {
  let follower, states, shown, status;
  const open = () => FakeSource.all.filter(({ readyState }) => readyState !== 2);
  const settle = async () => {
    mock.timers.tick(3_000);
    for (let step = 0; step < 5; step++) await Promise.resolve();
  };

  beforeEach(() => {
    mock.timers.reset();
    mock.timers.enable({ apis: ["setTimeout"] });
    FakeSource.all = [];
    globalThis.EventSource = FakeSource;
    globalThis.fetch = async () => {
      if (!status) throw new TypeError("away");
      return { status };
    };
    [states, shown, status] = [[], [], 200];
    follower = new Follower({ url: "/stats/stream", page: "/stats", onFigures: (one) => shown.push(one), onState: (one) => states.push(one) });
    follower.start();
  });

  test("hands on what it is told", () => {
    open()[0].say("stats", { sockets: 2 });
    assert.deepEqual(shown, [{ sockets: 2 }]);
    assert.equal(states.at(-1), "live");
    open()[0].say("away");
    assert.equal(states.at(-1), "away");
  });

  test("leaves a break to the browser", () => {
    open()[0].readyState = 0;
    FakeSource.all[0].say("error");
    assert.equal(states.at(-1), "lost");
    assert.equal(FakeSource.all.length, 1);
  });

  test("comes back by itself where the browser gives up", async () => {
    FakeSource.all[0].readyState = 2;
    FakeSource.all[0].say("error");
    status = 0;
    await settle();
    assert.equal(FakeSource.all.length, 1);
    status = 200;
    await settle();
    assert.equal(open().length, 1);
    assert.equal(FakeSource.all.length, 2);
  });

  test("stops for good where nobody is let in", async () => {
    status = 401;
    open()[0].say("ended");
    await settle();
    assert.equal(states.at(-1), "refused");
    follower.setSeen(false);
    follower.setSeen(true);
    assert.equal(open().length, 0);
  });

  test("comes back after a server has ended", async () => {
    open()[0].say("ended");
    await settle();
    assert.equal(open().length, 1);
  });

  test("asks for nothing while paused or unseen", async () => {
    follower.pause();
    assert.equal(open().length, 0);
    assert.equal(states.at(-1), "paused");
    follower.setSeen(false);
    follower.setSeen(true);
    assert.equal(open().length, 0);
    follower.start();
    assert.equal(open().length, 1);
    follower.setSeen(false);
    assert.equal(open().length, 0);
    follower.setSeen(true);
    assert.equal(open().length, 1);
  });

  test("does not come back to a page that was paused meanwhile", async () => {
    open()[0].say("ended");
    follower.pause();
    await settle();
    assert.equal(open().length, 0);
  });
});
