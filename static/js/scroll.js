/** Follows the newest message while the reader is at the end, and leaves the page alone while they read above. */

import { say } from "./words.js";

const NEAR_PX = 48;

export class Follower {
  /**
   * Args:
   *   scroller: the element that scrolls.
   *   content: the element that grows inside it.
   *   button: the button that leads down; its label is filled in here.
   */
  constructor({ scroller, content, button }) {
    Object.assign(this, { scroller, content, button });
    this.isFollowing = true;
    this.unseen = 0;
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    button.addEventListener("click", () => this.down());
    const observer = new ResizeObserver(() => this.isFollowing && this.#toEnd());
    observer.observe(content);
    observer.observe(scroller);
  }

  /** Go to the newest message and follow from there. */
  down() {
    this.isFollowing = true;
    this.unseen = 0;
    this.#toEnd();
    this.#label();
  }

  /** `count` new messages have come. */
  arrived(count) {
    if (this.isFollowing) return;
    this.unseen += count;
    this.#label();
  }

  #toEnd() {
    if (!this.content.childElementCount) return;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.isFollowing = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    if (this.isFollowing) this.unseen = 0;
    this.#label();
  }

  #label() {
    this.button.hidden = this.isFollowing;
    const label = this.button.querySelector("[data-label]");
    label.textContent = this.unseen ? say("scroll.new", { count: this.unseen }) : say("scroll.down");
  }
}
