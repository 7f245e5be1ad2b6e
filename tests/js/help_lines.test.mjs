import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { openPage } from "./page.mjs";

openPage();
const { helpLines } = await import("../../static/js/help_lines.js");

const line = { name: "Line", place: "", language: "en", hours: "24 h", phone: "1 2", phone_url: "tel:12", text: "", text_url: "", url: "https://example.com" };
const drawn = (lines) => helpLines({ kind: "crisis", title: "Talk", text: "", language: "es", lines });

describe("help lines", () => {
  test("are links that call and open their page", () => {
    const links = [...drawn([line]).querySelectorAll("a")];
    assert.deepEqual(links.map((link) => link.getAttribute("href")), ["tel:12", "https://example.com"]);
    assert.equal(links[0].getAttribute("aria-label"), "Call 1 2: Line");
    assert.equal(links[1].rel, "noopener noreferrer");
  });

  test("lead nowhere else", () => {
    const bad = { ...line, phone_url: "javascript:alert(1)", url: "http://example.com" };
    assert.equal(drawn([bad]).querySelectorAll("a").length, 0);
  });

  test("are text, never markup, in their own language", () => {
    const block = drawn([{ ...line, name: "<img src=x>" }]);
    assert.equal(block.lang, "es");
    assert.equal(block.querySelector("img"), null);
    assert.match(block.querySelector(".help-name").textContent, /<img src=x> 24 h/);
  });
});
