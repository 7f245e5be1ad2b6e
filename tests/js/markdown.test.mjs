import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { openPage } from "./page.mjs";

openPage('<div id="root"></div>');
const { MarkdownView, blocksOf, htmlOf, safeHref, sanitised } = await import("../../static/js/markdown.js");

function render(text) {
  const root = document.createElement("div");
  new MarkdownView(root).draw(text);
  return root;
}

const HOSTILE = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "text <img src=x onerror=alert(1)> text",
  "<svg onload=alert(1)>",
  "<iframe src=//evil.example></iframe>",
  "<a href='javascript:alert(1)'>x</a>",
  "<style>*{display:none}</style>",
  "<form action=//evil.example><input name=password></form>",
  "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
  "<details open ontoggle=alert(1)>",
  "[x](javascript:alert(1))",
  "[x](JaVaScRiPt:alert(1))",
  "[x](java\tscript:alert(1))",
  "[x](&#106;avascript:alert(1))",
  "[x](\u0001javascript:alert(1))",
  "[x](data:text/html;base64,PHNjcmlwdD4=)",
  "[x](vbscript:msgbox)",
  "[x](//evil.example)",
  "[x](/\\evil.example)",
  "[x](http://evil.example)",
  "[x](ftp://evil.example)",
  "[x](https://ok.example \"onmouseover=alert(1)\")",
  "![x](https://evil.example/pixel.png)",
  "![x](x \"onerror=alert(1)\")",
  "[x]: javascript:alert(1)\n\n[x]",
  "<javascript:alert(1)>",
  "`<img src=x onerror=alert(1)>`",
  "```<img src=x onerror=alert(1)>\n<script>\n```",
  "| <img src=x onerror=alert(1)> |\n| --- |\n| <script>alert(1)</script> |",
  "# <img src=x onerror=alert(1)>",
  "- <img src=x onerror=alert(1)>",
  "> <img src=x onerror=alert(1)>",
  "<b id=question name=cookie>x</b>",
  "[^1]<img src=x onerror=alert(1)>",
  "[^<script>]",
  "&lt;script&gt;alert(1)&lt;/script&gt;",
  "\u202ehttps://evil.example",
];

const TAGS = new Set(("A BLOCKQUOTE BR CODE DEL DIV EM H3 H4 H5 H6 HR LI OL P PRE SPAN STRONG TABLE TBODY TD TH THEAD TR UL").split(" "));
const ATTRIBUTES = new Set(["align", "class", "data-citation", "href", "rel", "start", "target"]);

function assertHarmless(root) {
  for (const element of root.querySelectorAll("*")) {
    assert.ok(TAGS.has(element.tagName), `tag ${element.tagName}`);
    for (const { name } of element.attributes) assert.ok(ATTRIBUTES.has(name), `attribute ${name}`);
    if (element.hasAttribute("href")) assert.match(element.getAttribute("href"), /^(https:\/\/|mailto:|\/(?![/\\]))/i);
  }
}

describe("hostile text", () => {
  for (const text of HOSTILE) test(`becomes harmless: ${JSON.stringify(text)}`, () => assertHarmless(render(text)));

  for (const text of HOSTILE) {
    test(`is harmless cut anywhere: ${JSON.stringify(text)}`, () => {
      for (let cut = 1; cut < text.length; cut += 1) assertHarmless(render(text.slice(0, cut)));
    });
  }

  test("raw HTML is shown as text", () => {
    assert.equal(render("a <b>bold</b> claim").textContent.trim(), "a <b>bold</b> claim");
  });

  test("the second wall holds without the first", () => {
    const box = document.createElement("div");
    box.append(sanitised('<p onclick="x()"><img src=x onerror=alert(1)><a href="javascript:x()">y</a><script>1</script></p>'));
    assertHarmless(box);
  });
});

for (const [href, expected] of [
  ["https://a.example/b", "https://a.example/b"],
  ["HTTPS://a.example", "HTTPS://a.example"],
  ["mailto:desk@a.example", "mailto:desk@a.example"],
  ["/knowledge/passages/3/", "/knowledge/passages/3/"],
  ["http://a.example", null],
  ["//a.example", null],
  ["/\\a.example", null],
  ["java\nscript:alert(1)", null],
  ["relative", null],
  ["", null],
  [null, null],
]) {
  test(`address ${JSON.stringify(href)} gives ${expected}`, () => assert.equal(safeHref(href), expected));
}

test("links to elsewhere open apart and tell nothing", () => {
  const link = render("[x](https://a.example)").querySelector("a");
  assert.deepEqual([link.target, link.rel], ["_blank", "noopener noreferrer nofollow"]);
});

test("headings begin below those of the page", () => {
  const root = render("# One\n\n## Two\n\n###### Six");
  assert.deepEqual([...root.querySelectorAll("h3,h4,h6")].map((one) => one.tagName), ["H3", "H4", "H6"]);
});

test("markers become places for buttons", () => {
  const markers = render("Two bags[^1], 23 kg[^12].").querySelectorAll(".cite");
  assert.deepEqual([...markers].map((one) => one.dataset.citation), ["1", "12"]);
});

test("a footnote's text is not shown", () => {
  assert.equal(render("Two bags[^1].\n\n[^1]: https://a.example").textContent.trim(), "Two bags.");
});

test("tables keep their alignment", () => {
  assert.equal(render("| a |\n| --: |\n| 1 |").querySelector("td").getAttribute("align"), "right");
});

test("a line break is a line break", () => {
  assert.equal(render("one\ntwo").querySelectorAll("br").length, 1);
});

const LONG = "# Bags\n\nTwo bags[^1] of **23 kg**.\n\n- one\n- two\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n```\ncode\n```\n\nThe end.";

describe("drawing a growing text", () => {
  test("ends like drawing it at once", () => {
    const root = document.createElement("div");
    const view = new MarkdownView(root);
    for (let cut = 1; cut <= LONG.length; cut += 1) view.draw(LONG.slice(0, cut));
    assert.equal(root.innerHTML, render(LONG).innerHTML);
  });

  test("leaves finished blocks alone", () => {
    const root = document.createElement("div");
    const view = new MarkdownView(root);
    view.draw("First.\n\nSec");
    const first = root.firstElementChild;
    view.draw("First.\n\nSecond is longer.\n\nThird.");
    assert.equal(root.firstElementChild, first);
    view.draw("First.\n\nSecond is longer.\n\nThird.", { whole: true });
    assert.equal(root.firstElementChild, first);
  });

  test("takes away what a restart dropped", () => {
    const root = document.createElement("div");
    const view = new MarkdownView(root);
    view.draw(LONG);
    view.draw("");
    assert.equal(root.innerHTML, "");
  });

  test("a late link definition reaches early blocks at the end", () => {
    const root = document.createElement("div");
    const view = new MarkdownView(root);
    view.draw("See [there][x].\n\nMore.");
    view.draw("See [there][x].\n\nMore.\n\n[x]: https://a.example", { whole: true });
    assert.equal(root.querySelector("a").getAttribute("href"), "https://a.example");
  });

  test("finishes every drawn block once", () => {
    const finished = [];
    const view = new MarkdownView(document.createElement("div"), (block) => finished.push(block.textContent.trim()));
    view.draw("One.\n\nTwo.");
    view.draw("One.\n\nTwo.");
    assert.deepEqual(finished, ["One.", "Two."]);
  });
});

test("a sentence that no source bears out says so in words", () => {
  const [mark] = render("It costs 99 EUR. [^?] Ask us. `[^?]`").querySelectorAll(".doubt");
  assert.equal(mark.textContent, "not found in the sources");
  assert.equal(render("It costs 99 EUR. `[^?]`").querySelector(".doubt"), null);
});

test("blocks are cut where Markdown cuts them", () => {
  assert.equal(blocksOf(LONG).length, 6);
  assert.match(htmlOf(blocksOf(LONG)[0]), /^<h3>/);
});
