/**
 * What a person has typed but the server does not have yet, kept in the browser: the draft of each conversation, and
 * the questions that were sent while there was no connection.
 */

const PREFIX = "chatsite:";

/** Forget everything kept for whoever used this browser; called when somebody signs out. */
export function forgetAll(storage = globalThis.localStorage) {
  guarded(() => {
    for (const key of Object.keys(storage)) if (key.startsWith(PREFIX)) storage.removeItem(key);
  });
}

/** Forget what is kept for one conversation; called when it is deleted. */
export function forgetConversation(conversation, storage = globalThis.localStorage) {
  guarded(() => {
    const isOf = (key) => key.startsWith(PREFIX) && key.endsWith(`:${conversation}`);
    for (const key of Object.keys(storage)) if (isOf(key)) storage.removeItem(key);
  });
}

export class Drafts {
  /**
   * Args:
   *   user: id of the signed-in person; nobody else's drafts are ever read.
   *   conversation: id of the conversation, or "new" before there is one.
   */
  constructor({ user, conversation, storage = globalThis.localStorage }) {
    Object.assign(this, { user, conversation, storage });
  }

  /** The draft and the outbox of what was "new" belong to `conversation` from now on. */
  moveTo(conversation) {
    const [text, outbox] = [this.text, this.outbox];
    this.text = "";
    this.#keep("outbox", "");
    this.conversation = conversation;
    this.text = text;
    for (const item of outbox) this.keep(item);
  }

  get text() {
    return guarded(() => this.storage.getItem(this.#key("draft"))) ?? "";
  }

  set text(text) {
    this.#keep("draft", text);
  }

  /** Questions not acknowledged yet: a list of {clientId, text, at}. */
  get outbox() {
    const kept = guarded(() => JSON.parse(this.storage.getItem(this.#key("outbox")) ?? "[]"));
    return Array.isArray(kept) ? kept : [];
  }

  /** Keep a question until it is acknowledged. Other tabs keep theirs in the same place. */
  keep(item) {
    this.#replaceOutbox([...this.outbox.filter(({ clientId }) => clientId !== item.clientId), item]);
  }

  /** A question is acknowledged, or given up. */
  drop(dropped) {
    this.#replaceOutbox(this.outbox.filter(({ clientId }) => clientId !== dropped));
  }

  #replaceOutbox(items) {
    this.#keep("outbox", items.length ? JSON.stringify(items) : "");
  }

  #key(name) {
    return `${PREFIX}${this.user}:${name}:${this.conversation}`;
  }

  #keep(name, value) {
    guarded(() => (value ? this.storage.setItem(this.#key(name), value) : this.storage.removeItem(this.#key(name))));
  }
}

/** Storage may be full, switched off or damaged; a draft is a kindness, never a reason to stop. */
function guarded(action) {
  try {
    return action();
  } catch (error) {
    if (error instanceof DOMException || error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}
