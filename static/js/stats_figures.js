/** Writes figures into the page; the server has made their words. */

const STATES = {
  live: "Live",
  paused: "Paused",
  connecting: "Connecting …",
  lost: "Connection lost, trying again …",
  away: "The database is away, trying again …",
  refused: "You are signed out, or no member of staff any more. Reload the page to sign in.",
};

export class Figures {
  #root;
  #state;
  #seen = "";

  /** @param {HTMLElement} root the page's part that has the figures */
  constructor(root) {
    this.#root = root;
    this.#state = root.querySelector("[data-state]");
  }

  /** Show what one event tells. */
  show({ everywhere, shown }) {
    for (const place of this.#root.querySelectorAll("[data-figure]")) {
      write(place, shown.texts[place.dataset.figure] ?? "–");
    }
    for (const body of this.#root.querySelectorAll("[data-rows]")) fill(body, shown[body.dataset.rows]);
    this.#root.querySelector("[data-alone]").hidden = everywhere;
  }

  /** Say how the connection is, once for each change, since screen readers read it out. */
  say(state) {
    if (state === this.#seen) return;
    this.#seen = state;
    this.#state.textContent = STATES[state];
    this.#state.dataset.state = state;
    this.#root.querySelector("[data-clock]").hidden = false;
    this.#root.querySelector("[data-reload]").hidden = state !== "refused";
  }
}

function write(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

/** Bring a table's rows up to date, keeping the cells that are there: a selection in them stays. */
function fill(body, rows) {
  while (body.rows.length > rows.length) body.deleteRow(-1);
  rows.forEach((texts, number) => {
    const row = body.rows[number] ?? addRow(body, texts);
    texts.forEach((text, column) => write(row.cells[column], text));
  });
}

function addRow(body, texts) {
  const row = body.insertRow();
  texts.forEach((text, column) => {
    const cell = document.createElement(column ? "td" : "th");
    if (!column) cell.scope = "row";
    else if (body.dataset.rows === "steps" || column > 1) cell.className = "number";
    row.append(cell);
  });
  return row;
}
