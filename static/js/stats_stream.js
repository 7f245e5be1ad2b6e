/** Follows the stream of figures: comes back after a break, and stops where the server lets nobody in. */

const AGAIN_MS = 3_000;
const REFUSED = [401, 403, 404];

export class Follower {
  #options;
  #source = null;
  #timer = 0;
  #isSeen = true;
  #isRefused = false;
  isPaused = true;

  /**
   * @param {object} options
   * @param {string} options.url where the events are
   * @param {string} options.page answers who may see them
   * @param {(told: object) => void} options.onFigures
   * @param {(state: string) => void} options.onState
   */
  constructor(options) {
    this.#options = options;
  }

  /** Follow, or go on. */
  start() {
    this.isPaused = false;
    this.#open();
  }

  /** Ask for nothing until told to go on. */
  pause() {
    this.isPaused = true;
    this.#close();
    this.#options.onState("paused");
  }

  /** Take note of whether anybody sees the page. */
  setSeen(isSeen) {
    if (isSeen === this.#isSeen) return;
    this.#isSeen = isSeen;
    if (isSeen && !this.isPaused) this.#open();
    else if (!isSeen) this.#close();
  }

  #open() {
    this.#close();
    if (this.#isRefused) return;
    this.#options.onState("connecting");
    const source = new EventSource(this.#options.url);
    this.#source = source;
    source.addEventListener("stats", (event) => {
      this.#options.onFigures(JSON.parse(event.data));
      this.#options.onState("live");
    });
    source.addEventListener("away", () => this.#options.onState("away"));
    source.addEventListener("ended", () => this.#openSoon());
    source.addEventListener("error", () => {
      this.#options.onState("lost");
      // Closed: the answer was no stream, and the browser gives up by itself.
      if (source.readyState === EventSource.CLOSED) this.#openSoon();
    });
  }

  #openSoon() {
    this.#close();
    this.#options.onState("lost");
    this.#timer = setTimeout(() => this.#askAndOpen(), AGAIN_MS);
  }

  async #askAndOpen() {
    const timer = this.#timer;
    let status = 0;
    try {
      const headers = { Accept: "application/json" };
      status = (await fetch(this.#options.page, { headers, cache: "no-store" })).status;
    } catch {
      // No answer at all: the server is not there yet.
    }
    if (timer !== this.#timer) return; // paused or hidden meanwhile
    if (REFUSED.includes(status)) {
      this.#isRefused = true;
      this.#options.onState("refused");
    } else if (status === 200) this.#open();
    else this.#openSoon();
  }

  #close() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#source?.close();
    this.#source = null;
  }
}
