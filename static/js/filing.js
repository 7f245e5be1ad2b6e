/** What can be done with the conversation on the page: another title, into the archive and out of it. */

export class Filing {
  /**
   * Args:
   *   root: the menu with its button and the dialog that asks for a title.
   *   badge: what tells that the conversation is archived.
   *   addressOf: function from a conversation's id to its page.
   *   on: what to call: rename(title), archive(isArchived).
   */
  constructor({ root, badge, addressOf, on }) {
    Object.assign(this, { root, badge, addressOf, on });
    this.opener = root.querySelector("[popovertarget]");
    this.menu = root.querySelector("[popover]");
    this.dialog = root.querySelector("[data-renaming]");
    this.box = this.dialog.querySelector("input");
    this.title = root.dataset.title ?? "";
    root.querySelector("[data-rename]").addEventListener("click", (event) => this.#askForTitle(event));
    root.querySelector("[data-archive]").addEventListener("submit", (event) => this.#archive(event));
    this.dialog.querySelector("[data-cancel]").addEventListener("click", () => this.dialog.close(""));
    this.dialog.addEventListener("close", () => this.#closed());
  }

  /** Show how the conversation stands; what is left out stays. */
  show({ id, title, archived }) {
    if (id) this.#address(this.addressOf(id));
    if (title !== undefined) this.title = title;
    if (archived === undefined) return;
    this.badge.hidden = !archived;
    for (const button of this.root.querySelectorAll("[name=archived]")) button.hidden = (button.value === "true") === archived;
  }

  #address(page) {
    this.root.hidden = false;
    this.root.querySelector("[data-rename]").href = `${page}rename/`;
    this.root.querySelector("[data-archive]").action = `${page}archive/`;
    this.root.querySelector("[data-export]").href = `${page}export/`;
  }

  /** Ask in a dialog instead of on a page of its own. Where dialogs are unknown, the link leads to that page. */
  #askForTitle(event) {
    if (!this.dialog.showModal || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.menu.hidePopover?.();
    this.dialog.returnValue = "";
    this.box.value = this.title;
    this.dialog.showModal();
    this.box.select();
  }

  #closed() {
    this.opener.focus();
    const title = this.box.value.trim();
    if (this.dialog.returnValue === "save" && title !== this.title) this.on.rename(title);
  }

  #archive(event) {
    event.preventDefault();
    this.menu.hidePopover?.();
    this.opener.focus();
    this.on.archive(event.submitter.value === "true");
  }
}
