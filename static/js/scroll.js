/**
 * Keeps the newest message in view while the reader follows, and leaves the page alone while they read above.
 *
 * Three ways: `start` keeps the end in view until the last question has reached the top, then stays, so that a long
 * answer is read from its beginning; `end` follows the end wherever it goes; `free` does not move at all.
 */

import { say } from "./words.js";

const NEAR_PX = 48;
const MARGIN_PX = 16;

export class Follower {
  #placed = 0;
  #anchor = null;
  #before = null;

  /**
   * Args:
   *   scroller: the element that scrolls.
   *   content: the element that grows inside it; each child is a question with its answer.
   *   button: the button that leads down; its label is filled in here.
   */
  constructor({ scroller, content, button }) {
    Object.assign(this, { scroller, content, button });
    this.way = "start";
    this.unseen = 0;
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    button.addEventListener("click", () => this.#go("end"));
    const observer = new ResizeObserver(() => this.#follow());
    observer.observe(content);
    observer.observe(scroller);
  }

  /** Something was asked, and is drawn in a moment: show it, and its answer from the beginning. */
  asked() {
    this.#anchor = null;
    this.#before = this.content.lastElementChild;
    this.#go("start");
  }

  /** `count` new messages have come. */
  arrived(count) {
    const isBeingRead = this.way === "start" && this.#anchor === this.content.lastElementChild;
    if (!isBeingRead && this.#below() > NEAR_PX) this.unseen += count;
    this.#label();
  }

  #go(way) {
    this.way = way;
    this.unseen = 0;
    this.#follow();
  }

  #follow() {
    const newest = this.content.lastElementChild;
    if (newest !== this.#before) this.#anchor ??= newest;
    if (this.way !== "free" && newest) {
      const end = this.scroller.scrollHeight - this.scroller.clientHeight;
      this.scroller.scrollTop = this.way === "end" ? end : Math.min(end, this.#startOf(this.#anchor ?? newest));
      this.#placed = this.scroller.scrollTop;
    }
    this.#label();
  }

  #startOf(element) {
    const top = element.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top;
    return Math.max(0, this.scroller.scrollTop + top - MARGIN_PX);
  }

  /** Pixels between what is seen and the end. */
  #below() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  #scrolled() {
    // Our own placing is announced as well; only the reader's scrolling changes the way.
    if (Math.abs(this.scroller.scrollTop - this.#placed) > 1) this.way = this.#below() < NEAR_PX ? "end" : "free";
    this.#label();
  }

  #label() {
    const isAtEnd = this.#below() < NEAR_PX;
    if (isAtEnd) this.unseen = 0;
    this.button.hidden = isAtEnd || !this.content.childElementCount;
    this.button.dataset.unseen = this.unseen;
    const label = this.button.querySelector("[data-label]");
    label.textContent = this.unseen ? say("scroll.new", { count: this.unseen }) : say("scroll.down");
  }
}
