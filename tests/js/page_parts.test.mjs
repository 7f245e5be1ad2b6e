import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { openPage } from "./page.mjs";

const dom = openPage();
globalThis.CSS = { escape: (text) => text, supports: () => true };
globalThis.matchMedia = () => ({ matches: false });
const { dressMarkers } = await import("../../static/js/citations.js");
const { dayOf } = await import("../../static/js/clock.js");
const { Composer } = await import("../../static/js/composer.js");
const { ConnectionState } = await import("../../static/js/connection_state.js");
const { Conversations } = await import("../../static/js/conversations.js");
const { say } = await import("../../static/js/words.js");

const element = (html) => {
  document.body.innerHTML = html;
  return document.body.firstElementChild;
};
const key = (name, more = {}) => new dom.window.KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...more });
const typed = (box, text) => {
  box.value = text;
  box.dispatchEvent(new dom.window.Event("input", { bubbles: true }));
};

describe("markers", () => {
  const dressed = (html) => {
    const root = element(`<div>${html}</div>`);
    dressMarkers(root, [{ number: 1, title: "Bags" }], () => {});
    return root;
  };

  test("stand at their word, on its line", () => {
    const root = dressed('Two bags <span class="cite" data-citation="1"></span>.');
    assert.equal(root.textContent, "Two bags[1].");
    assert.equal(root.querySelector(".kept-together").textContent, "bags[1]");
  });

  test("stay as they are when they are dressed again", () => {
    const root = dressed('Two bags <span class="cite" data-citation="1"></span>.');
    dressMarkers(root, [{ number: 1, title: "Bags" }], () => {});
    assert.equal(root.querySelectorAll(".kept-together").length, 1);
  });

  test("leave a word alone that has to break", () => {
    assert.equal(dressed(`${"x".repeat(80)} <span class="cite" data-citation="1"></span>`).querySelector(".kept-together"), null);
  });
});

describe("composer", () => {
  const HTML = `<form data-longest="10"><textarea></textarea><button data-send></button><button type="button" data-stop hidden></button></form>
    <p id="count" hidden></p><p id="wait" hidden></p>`;
  let form, box, done, drafts, composer;

  beforeEach(() => {
    form = element(HTML);
    box = form.querySelector("textarea");
    done = [];
    drafts = { text: "" };
    const on = { send: (text) => done.push(["send", text]), stop: () => done.push(["stop"]), lastQuestion: () => "before" };
    composer = new Composer({ form, count: document.getElementById("count"), wait: document.getElementById("wait"), drafts, on });
  });

  describe("after too much at once", () => {
    const wait = () => document.getElementById("wait");
    const sendNow = () => box.dispatchEvent(key("Enter"));

    test("has the words back, says when, and sends nothing until then", (context) => {
      context.mock.timers.enable({ apis: ["Date", "setTimeout"] });
      assert.equal(composer.hold("Bags?", 2), true);
      sendNow();
      assert.deepEqual([done, box.value, drafts.text, composer.send.disabled], [[], "Bags?", "Bags?", true]);
      assert.deepEqual([wait().hidden, wait().textContent], [false, "You can send again in 2 seconds"]);
      context.mock.timers.tick(1_000);
      assert.equal(wait().textContent, "You can send again in 1 second");
      context.mock.timers.tick(1_000);
      assert.deepEqual([wait().hidden, composer.send.disabled], [true, false]);
      sendNow();
      assert.deepEqual(done, [["send", "Bags?"]]);
    });

    test("leaves alone what is being written", (context) => {
      context.mock.timers.enable({ apis: ["Date", "setTimeout"] });
      typed(box, "Pets?");
      assert.equal(composer.hold("Bags?", 2), false);
      assert.deepEqual([box.value, composer.send.disabled], ["Pets?", true]);
      context.mock.timers.tick(2_000);
      assert.equal(composer.send.disabled, false);
    });
  });

  test("Enter sends and empties the box", () => {
    typed(box, " Bags? ");
    box.dispatchEvent(key("Enter"));
    assert.deepEqual([done, box.value, drafts.text], [[["send", "Bags?"]], "", ""]);
  });

  for (const [name, more] of [["Shift", { shiftKey: true }], ["an input method", { isComposing: true }], ["Ctrl", { ctrlKey: true }]]) {
    test(`Enter with ${name} sends nothing`, () => {
      typed(box, "Bags?");
      box.dispatchEvent(key("Enter", more));
      assert.deepEqual(done, []);
    });
  }

  for (const text of ["", "   ", "x".repeat(11)]) {
    test(`does not send ${JSON.stringify(text)}`, () => {
      typed(box, text);
      box.dispatchEvent(key("Enter"));
      assert.deepEqual(done, []);
    });
  }

  test("counts characters as people do", () => {
    typed(box, "😀".repeat(10));
    assert.equal(document.getElementById("count").textContent, "0 characters left");
    typed(box, "😀".repeat(11));
    assert.equal(document.getElementById("count").textContent, "1 character too many");
    assert.equal(box.getAttribute("aria-invalid"), "true");
  });

  test("the arrow up recalls the last question into an empty box only", () => {
    box.dispatchEvent(key("ArrowUp"));
    assert.equal(box.value, "before");
    typed(box, "mine");
    box.dispatchEvent(key("ArrowUp"));
    assert.equal(box.value, "mine");
  });

  test("the button is Stop while an answer is written, and Send again once something is typed", () => {
    const [send, stop] = [form.querySelector("[data-send]"), form.querySelector("[data-stop]")];
    composer.answering = { isAnswering: true, canStop: true };
    assert.deepEqual([send.hidden, stop.hidden], [true, false]);
    stop.click();
    typed(box, "More");
    assert.deepEqual([send.hidden, stop.hidden, done], [false, true, [["stop"]]]);
  });
});

describe("list of conversations", () => {
  const HTML = `<nav><div hidden><input data-search></div><p data-found hidden></p><ul data-list>
    <li data-conversation="a"><a><span class="title">Équipaje facturado</span><time datetime="2026-01-05T10:00:00Z">5 Jan</time></a></li>
    <li data-conversation="b"><a><span class="title">My dog</span></a></li></ul></nav>`;
  let root, list;

  beforeEach(() => {
    root = element(HTML);
    list = new Conversations({ root, addressOf: (id) => `/chat/${id}/` });
  });

  const shown = () => [...root.querySelectorAll("li:not([hidden]) .title")].map((title) => title.textContent);

  test("is searched without regard to case and accents", () => {
    typed(root.querySelector("input"), "EQUIPAJE");
    assert.deepEqual([shown(), root.querySelector("[data-found]").textContent], [["Équipaje facturado"], "1 conversation found"]);
  });

  test("says when nothing matches", () => {
    typed(root.querySelector("input"), "cat");
    assert.deepEqual([shown(), root.querySelector("[data-found]").textContent], [[], "No conversation matches."]);
  });

  test("takes a new one to the top, as text", () => {
    list.add({ id: "c", title: "<b>New</b>" });
    assert.deepEqual(shown(), ["<b>New</b>", "Équipaje facturado", "My dog"]);
    assert.equal(root.querySelector("[aria-current=page]").getAttribute("href"), "/chat/c/");
  });

  test("takes another title", () => {
    list.rename("b", "My cat");
    assert.equal(shown()[1], "My cat");
  });
});

describe("state of the connection", () => {
  const HTML = '<div><span data-words></span><button data-retry></button><a data-sign-in></a></div>';
  const NOW = Date.parse("2026-11-21T10:00:00Z");

  for (const [state, words, retry] of [
    [{ name: "connected" }, "Connected", false],
    [{ name: "reconnecting", retryAt: NOW + 60_000 }, "Connection lost. Trying again in 60 s", true],
    [{ name: "reconnecting", retryAt: 0 }, "Connection lost. Trying again…", true],
    [{ name: "offline" }, /^You are offline/, true],
    [{ name: "signed-out" }, /^You are signed out/, false],
  ]) {
    test(`is said in words: ${state.name}`, (context) => {
      context.mock.timers.enable({ apis: ["Date", "setInterval"], now: NOW });
      const root = element(HTML);
      const view = new ConnectionState({ element: root, retry() {} });
      view.show(state);
      assert.match(root.querySelector("[data-words]").textContent, words instanceof RegExp ? words : new RegExp(`^${words}$`));
      assert.equal(root.querySelector("[data-retry]").hidden, !retry);
      view.show({ name: "connected" }); // ends the countdown
    });
  }
});

for (const [iso, day] of [
  ["2026-11-21T09:00:00", "Today"],
  ["2026-11-20T23:59:00", "Yesterday"],
  ["2026-11-16T09:00:00", /Monday,? .*16/],
  ["2025-11-16T09:00:00", /2025/],
]) {
  test(`${iso} is ${day}`, () => assert.match(dayOf(iso, new Date("2026-11-21T12:00:00")), day instanceof RegExp ? day : new RegExp(day)));
}

test("words fit the number, and missing ones are a mistake", () => {
  assert.equal(say("scroll.new", { count: 1 }), "1 new message");
  assert.equal(say("scroll.new", { count: 2 }), "2 new messages");
  assert.throws(() => say("no.such.key"));
});

describe("deleting a conversation from the list", () => {
  const HTML = `<nav><div hidden><input data-search></div><p data-found></p><ul data-list>
    <li data-conversation="a"><a href="/chat/a/"><span class="title">Bags</span></a><a href="/chat/a/delete/" data-delete></a></li>
    <li data-conversation="b"><a href="/chat/b/"><span class="title">Pets</span></a><a href="/chat/b/delete/" data-delete></a></li></ul>
    <dialog data-deletion><p data-title></p></dialog></nav>`;
  let root, deletion, deleted, answer, conversations;

  beforeEach(() => {
    root = element(HTML);
    deletion = root.querySelector("dialog");
    deletion.showModal = () => {}; // jsdom has no dialogs
    deleted = [];
    answer = true;
    const onDelete = async (id) => (deleted.push(id), answer);
    conversations = new Conversations({ root, addressOf: (id) => `/chat/${id}/`, deletion, onDelete });
  });

  const choose = async (choice) => {
    root.querySelector("[data-delete]").click();
    deletion.returnValue = choice;
    await deletion.onclose();
  };

  test("asks with the title, deletes, and leaves the focus on the neighbour", async () => {
    await choose("delete");
    assert.equal(deletion.querySelector("[data-title]").textContent, "Bags");
    assert.deepEqual([deleted, root.querySelectorAll("li").length], [["a"], 1]);
    assert.equal(document.activeElement.getAttribute("href"), "/chat/b/");
  });

  test("does nothing when it is not affirmed", async () => {
    await choose("");
    assert.deepEqual([deleted, root.querySelectorAll("li").length], [[], 2]);
    assert.equal(document.activeElement.getAttribute("href"), "/chat/a/delete/");
  });

  test("keeps what could not be deleted", async () => {
    answer = false;
    await choose("delete");
    assert.equal(root.querySelectorAll("li").length, 2);
  });

  test("a conversation that has just begun can be deleted, too", () => {
    conversations.add({ id: "c", title: "Seats" });
    const link = root.querySelector('[data-conversation="c"] [data-delete]');
    assert.deepEqual([link.getAttribute("href"), link.getAttribute("aria-label")], ["/chat/c/delete/", "Delete “Seats”"]);
  });
});
