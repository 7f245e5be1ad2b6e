/** Making elements in one line. Text is always text; markup never comes from strings. */

/** Return a new element: `make("p", { class: "x", hidden: true }, "text", child)`. False and null are left out. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An icon; it says nothing, so whatever carries it has words of its own. */
export const icon = (name) => make("span", { class: `icon icon-${name}`, "aria-hidden": "true" });

/** A button that acts on this page only. */
export const button = (attributes, ...children) => make("button", { type: "button", ...attributes }, ...children);
