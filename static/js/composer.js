/** The box one writes in: keys, length, draft, and the button that is Send or Stop. */

import { say } from "./words.js";

const NEAR_END = 200;

export class Composer {
  /**
   * Args:
   *   form: the form with its text box, Send and Stop.
   *   count: the element that says how many characters are left.
   *   wait: the element that says when one may send again.
   *   drafts: where the text is kept between visits.
   *   on: what to call: send(text), stop(), lastQuestion() for the text to recall.
   */
  constructor({ form, count, wait, drafts, on }) {
    Object.assign(this, { form, count, wait, drafts, on });
    this.box = form.querySelector("textarea");
    this.send = form.querySelector("[data-send]");
    this.stop = form.querySelector("[data-stop]");
    this.longest = Number(form.dataset.longest);
    this.isAnswering = false;
    this.heldUntil = 0;
    this.box.value = this.box.value || drafts.text;
    form.addEventListener("submit", (event) => this.#submit(event));
    this.stop.addEventListener("click", () => this.#stop());
    this.box.addEventListener("input", () => this.#changed());
    this.box.addEventListener("keydown", (event) => this.#key(event));
    this.#changed();
  }

  /** Whether an answer is being written, and whether it could be stopped. */
  set answering({ isAnswering, canStop }) {
    this.isAnswering = isAnswering;
    this.canStop = canStop;
    this.#buttons();
  }

  /**
   * Nothing can be sent for so many seconds. Words that were sent too soon come back into the box.
   *
   * Returns: whether they did; where something new stands already, it is left alone.
   */
  hold(text, seconds) {
    this.heldUntil = Math.max(this.heldUntil, Date.now() + seconds * 1_000);
    const isFree = !this.box.value.trim();
    if (isFree) {
      this.box.value = text;
      this.#changed();
    }
    this.#drawWait();
    return isFree;
  }

  /** Put the cursor into the box, unless a keyboard would cover half a phone. */
  focus() {
    if (matchMedia("(hover: hover)").matches) this.box.focus({ preventScroll: true });
  }

  #submit(event) {
    event.preventDefault();
    const text = this.box.value.trim();
    if (!text || this.#left() < 0 || this.#isHeld) return;
    this.box.value = "";
    this.#changed();
    this.focus();
    this.on.send(text);
  }

  #stop() {
    this.on.stop();
    this.focus();
  }

  #key(event) {
    // While a word is being composed (Chinese, Japanese …) Enter belongs to the input method.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.form.requestSubmit();
    } else if (event.key === "ArrowUp" && !this.box.value) {
      this.#recall(event);
    }
  }

  #recall(event) {
    const text = this.on.lastQuestion();
    if (!text) return;
    event.preventDefault();
    this.box.value = text;
    this.#changed();
  }

  #changed() {
    this.drafts.text = this.box.value;
    if (!CSS.supports("field-sizing", "content")) this.#grow();
    this.#drawCount();
    this.#buttons();
  }

  #grow() {
    this.box.style.height = "auto";
    this.box.style.height = `${this.box.scrollHeight}px`;
  }

  /** Characters left, counted as the server counts them. */
  #left() {
    return this.longest - [...this.box.value.trim()].length;
  }

  get #isHeld() {
    return Date.now() < this.heldUntil;
  }

  #drawWait() {
    clearTimeout(this.timer);
    const left = this.heldUntil - Date.now();
    this.wait.hidden = left <= 0;
    this.#buttons();
    if (left <= 0) return;
    this.wait.textContent = say("composer.wait", { count: Math.ceil(left / 1_000) });
    this.timer = setTimeout(() => this.#drawWait(), Math.min(left, 1_000));
  }

  #drawCount() {
    const left = this.#left();
    this.count.hidden = left > NEAR_END;
    this.count.dataset.over = String(left < 0);
    this.box.setAttribute("aria-invalid", String(left < 0));
    this.count.textContent = left < 0 ? say("composer.over", { count: -left }) : say("composer.left", { count: left });
  }

  #buttons() {
    const isEmpty = !this.box.value.trim();
    const isStop = this.isAnswering && this.canStop && isEmpty;
    this.stop.hidden = !isStop;
    this.send.hidden = isStop;
    this.send.disabled = isEmpty || this.#left() < 0 || this.#isHeld;
  }
}
