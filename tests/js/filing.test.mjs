import assert from "node:assert/strict";
import { after, beforeEach, describe, mock, test } from "node:test";

import { openPage } from "./page.mjs";

const dom = openPage();
globalThis.CSS = { escape: (text) => text, supports: () => true };
const { Conversations } = await import("../../static/js/conversations.js");
const { Filing } = await import("../../static/js/filing.js");

const element = (html) => {
  document.body.innerHTML = html;
  return document.body.firstElementChild;
};
const fire = (target, name, more = {}) =>
  target.dispatchEvent(Object.assign(new dom.window.Event(name, { bubbles: true, cancelable: true }), more));

describe("the conversation's menu", () => {
  let root, filing, dialog, done;

  beforeEach(() => {
    root = element(`<div hidden data-title="Bags"><button popovertarget="m"></button>
      <div id="m" popover><a data-rename></a><form data-archive><button name="archived" value="true"></button>
      <button name="archived" value="false" hidden></button></form><a data-export></a></div>
      <dialog data-renaming><form><input><button type="button" data-cancel></button></form></dialog></div><b hidden></b>`);
    dialog = root.querySelector("dialog");
    dialog.showModal = () => {};
    dialog.close = (value) => {
      dialog.returnValue = value;
      fire(dialog, "close");
    };
    done = [];
    const on = { rename: (title) => done.push(["rename", title]), archive: (archived) => done.push(["archive", archived]) };
    filing = new Filing({ root, badge: document.querySelector("b"), addressOf: (id) => `/chat/${id}/`, on });
  });

  const askForTitle = (title) => {
    fire(root.querySelector("[data-rename]"), "click");
    dialog.querySelector("input").value = title;
  };

  test("appears with the addresses of a conversation that has just begun", () => {
    filing.show({ id: "a", archived: false });
    const addresses = ["[data-rename]", "[data-export]"].map((name) => root.querySelector(name).getAttribute("href"));
    assert.deepEqual([root.hidden, ...addresses], [false, "/chat/a/rename/", "/chat/a/export/"]);
    assert.equal(new URL(root.querySelector("form").action).pathname, "/chat/a/archive/");
  });

  test("asks for a title, beginning with the present one, and gives the focus back", () => {
    fire(root.querySelector("[data-rename]"), "click");
    assert.equal(dialog.querySelector("input").value, "Bags");
    askForTitle(" Bags for Lisbon ");
    dialog.close("save");
    assert.deepEqual(done, [["rename", "Bags for Lisbon"]]);
    assert.equal(document.activeElement, root.querySelector("[popovertarget]"));
  });

  for (const [how, title, value] of [["was not affirmed", "Dogs", ""], ["is the same", "Bags ", "save"]]) {
    test(`changes nothing when the title ${how}`, () => {
      askForTitle(title);
      dialog.close(value);
      assert.deepEqual(done, []);
    });
  }

  test("cancelling closes the dialog", () => {
    askForTitle("Dogs");
    fire(dialog.querySelector("[data-cancel]"), "click");
    assert.deepEqual(done, []);
  });

  test("leaves the link alone where dialogs are unknown or another tab is wanted", () => {
    const click = (more) => fire(root.querySelector("[data-rename]"), "click", more);
    assert.equal(click({ ctrlKey: true }), true);
    dialog.showModal = undefined;
    assert.equal(click(), true);
  });

  test("archives without leaving the page, and shows how it stands", () => {
    const [away, back] = root.querySelectorAll("[name=archived]");
    assert.equal(fire(root.querySelector("form"), "submit", { submitter: away }), false);
    assert.deepEqual(done, [["archive", true]]);
    filing.show({ archived: true });
    assert.deepEqual([document.querySelector("b").hidden, away.hidden, back.hidden], [false, true, false]);
    filing.show({ title: "Dogs" });
    assert.equal(document.querySelector("b").hidden, false);
  });
});

describe("searching messages", () => {
  const PARTS = [{ text: "one ", marked: false }, { text: "bag", marked: true }];
  let root, box, answer, asked;

  beforeEach(() => {
    mock.timers.reset();
    mock.timers.enable({ apis: ["setTimeout"] });
    root = element(`<nav><input data-search><p data-found hidden></p><ul data-list>
      <li data-conversation="a"><a><span class="title">Seats</span></a></li>
      <li data-conversation="b"><a><span class="title">My bag</span></a></li></ul></nav>`);
    box = root.querySelector("[data-search]");
    asked = [];
    answer = [];
    const find = async (words) => asked.push(words) && answer;
    new Conversations({ root, addressOf: (id) => `/chat/${id}/`, find });
  });

  after(() => mock.timers.reset());

  const type = (text) => {
    box.value = text;
    fire(box, "input");
    mock.timers.tick(300);
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const shown = () => [...root.querySelectorAll("li")].filter((item) => !item.hidden).map((item) => item.textContent.trim());

  test("shows what was found, with its place, also what is not on the list", async () => {
    answer = [
      { id: "a", title: "Seats", match: { message: "m", parts: PARTS } },
      { id: "z", title: "", last_message_at: "2026-01-05T10:00:00Z", match: { message: null, parts: [] } },
    ];
    type(" bag ");
    await settled();
    assert.deepEqual(asked, ["bag"]);
    assert.deepEqual(shown().map((text) => text.replace(/(Monday|New).*/, "$1")), ["Seatsone bag", "My bag", "New"]);
    assert.equal(root.querySelector("mark").textContent, "bag");
    assert.equal(root.querySelector("[data-found]").textContent, "3 conversations found");
    assert.equal(root.querySelector('[data-conversation="z"] a').getAttribute("href"), "/chat/z/");
  });

  test("forgets what was found when the words change", async () => {
    answer = [{ id: "z", title: "Old", created_at: "2026-01-05T10:00:00Z", match: { message: "m", parts: PARTS } }];
    type("bag");
    await settled();
    answer = [];
    type("");
    await settled();
    assert.deepEqual([shown(), asked], [["Seats", "My bag"], ["bag"]]);
  });

  test("keeps what fits by its title when the server cannot be asked", async () => {
    answer = null;
    type("bag");
    await settled();
    assert.deepEqual(shown(), ["My bag"]);
  });

  test("ignores an answer to words that are not looked for any more", async () => {
    answer = [{ id: "a", title: "Seats", match: { message: "m", parts: PARTS } }];
    type("bag");
    box.value = "bags";
    await settled();
    assert.deepEqual([asked, root.querySelector("mark")], [["bag"], null]);
  });
});
