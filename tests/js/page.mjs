/** A page without a browser: jsdom's window under the names that the modules expect. */

import { JSDOM } from "jsdom";

const NAMES = ["document", "DOMException", "HTMLElement", "Node", "location", "localStorage"];

/** Make a page and put its parts where modules look for them. Call before importing what draws. */
export function openPage(html = "", { url = "https://desk.example.org/chat/" } = {}) {
  const dom = new JSDOM(`<!doctype html><html lang="en"><body>${html}</body></html>`, { url, pretendToBeVisual: true });
  globalThis.window = dom.window;
  for (const name of NAMES) globalThis[name] = dom.window[name];
  return dom;
}
