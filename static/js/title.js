/** The page's title: how many answers came while nobody looked. */

export class Title {
  constructor(page = document) {
    this.page = page;
    this.words = page.title;
    this.unread = 0;
    page.addEventListener("visibilitychange", () => this.#seen());
  }

  /** `count` messages have come. */
  arrived(count) {
    if (!this.page.hidden || !count) return;
    this.unread += count;
    this.#show();
  }

  /** Name the page anew. */
  rename(words) {
    this.words = words;
    this.#show();
  }

  #seen() {
    if (this.page.hidden) return;
    this.unread = 0;
    this.#show();
  }

  #show() {
    this.page.title = this.unread ? `(${this.unread}) ${this.words}` : this.words;
  }
}
