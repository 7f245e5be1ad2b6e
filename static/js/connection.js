/**
 * The socket of one conversation, kept open as long as it is of use.
 *
 * It knows nothing of turns or messages: frames go in and out, and its state is told in one word. What to follow and
 * what to send again after a break is decided by whoever listens to `ready`.
 *
 * States: `idle` (not opened), `connecting`, `connected`, `reconnecting` (with `retryAt`), `offline`, `dormant`
 * (closed because nothing happened for long; opens again when used), `signed-out`, `blocked` (sockets do not get
 * through; somebody else carries the conversation), `closed`.
 */

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;
const QUIET_MS = 10_000;
const PONG_MS = 5_000;
const OPEN_MS = 15_000;
const CLOSE = { signedOut: 4401, idle: 4408 };

/** Milliseconds before the next try: doubling, capped, and spread so that a crowd does not come back as one. */
export function retryDelay(failures, random) {
  const step = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures, 10));
  return Math.round(step / 4 + random() * step * 0.75);
}

export class Connection {
  #socket = null;
  #failures = 0;
  #timers = new Map();

  /**
   * Args:
   *   url: address of the socket.
   *   onState: called with {name, retryAt, failures} whenever the state changes.
   *   onFrame: called with every frame that is not about the connection itself.
   *   onReady: called with the `ready` frame each time the socket has opened.
   *   isWaiting: tells whether something is expected from the server, so that silence is worth a question.
   *   environment: the browser's parts, replaceable in tests.
   */
  constructor({ url, onState, onFrame, onReady, isWaiting = () => false, environment = {} }) {
    Object.assign(this, { url, onState, onFrame, onReady, isWaiting });
    this.environment = { ...browser(), ...environment };
    this.state = { name: "idle", retryAt: null, failures: 0 };
    this.wasReady = false;
  }

  /** Open the socket, unless it is open or opening. */
  open() {
    if (this.#socket || this.state.name === "closed") return;
    this.#stopTimers();
    if (!this.environment.isOnline()) {
      this.#enter("offline");
      return;
    }
    this.#enter("connecting");
    this.#listen(this.environment.openSocket(this.url));
  }

  /** Try again now, whatever the countdown says. */
  retryNow() {
    if (["reconnecting", "offline", "dormant", "blocked"].includes(this.state.name)) this.open();
  }

  /** Send a frame; false when there is no open socket, in which case a sleeping one wakes up. */
  send(frame) {
    if (this.state.name === "connected") {
      this.#socket.send(JSON.stringify(frame));
      this.#watch();
      return true;
    }
    if (["idle", "dormant"].includes(this.state.name)) this.open();
    return false;
  }

  /** The network came back. */
  online() {
    this.retryNow();
  }

  /** The network went away: an open socket would only find out minutes later. */
  offline() {
    if (["closed", "signed-out"].includes(this.state.name)) return;
    this.#drop();
    this.#enter("offline");
  }

  /** The page is looked at again: make sure that what looks open is open. */
  visible() {
    if (this.state.name === "connected") this.#ask();
    else if (this.state.name === "signed-out") this.open();
    else this.retryNow();
  }

  /** The session is over: trying again is of no use until somebody signs in. */
  signOut() {
    this.#drop();
    this.#enter("signed-out");
  }

  /** Somebody else carries the conversation from now on. */
  giveWay() {
    this.#drop();
    this.#enter("blocked");
  }

  /** Close for good. */
  close() {
    this.#drop();
    this.#enter("closed");
  }

  #listen(socket) {
    this.#socket = socket;
    const isCurrent = () => this.#socket === socket;
    socket.onmessage = ({ data }) => isCurrent() && this.#receive(data);
    socket.onclose = ({ code }) => isCurrent() && this.#lost(code);
    // A socket that neither opens nor fails (a proxy that swallows it) counts as failed.
    this.#after("open", OPEN_MS, () => this.#abandon());
  }

  #receive(data) {
    const frame = parsed(data);
    if (frame?.type === "ready") this.#welcome(frame);
    else if (frame !== null && frame.type !== "pong") this.onFrame(frame);
    this.#watch();
  }

  #welcome(frame) {
    this.#failures = 0;
    this.#clear("open");
    this.wasReady = true;
    this.#enter("connected");
    this.onReady(frame);
  }

  #lost(code) {
    this.#drop();
    if (code === CLOSE.signedOut) return this.#enter("signed-out");
    if (code === CLOSE.idle) return this.#enter("dormant");
    const delay = retryDelay(this.#failures, this.environment.random);
    this.#failures += 1;
    this.#after("retry", delay, () => this.open());
    return this.#enter("reconnecting", this.environment.now() + delay);
  }

  /** End a socket that does not answer, without waiting for its own opinion. */
  #abandon() {
    this.#lost(1006);
  }

  /** Start the quiet period anew; if it passes while something is expected, ask. An idle page keeps no timer. */
  #watch() {
    this.#clear("pong");
    this.#clear("quiet");
    if (this.isWaiting()) this.#after("quiet", QUIET_MS, () => this.isWaiting() && this.#ask());
  }

  #ask() {
    this.#socket.send('{"type":"ping"}');
    this.#after("pong", PONG_MS, () => this.#abandon());
  }

  #drop() {
    this.#stopTimers();
    const socket = this.#socket;
    this.#socket = null;
    if (socket) socket.close();
  }

  #enter(name, retryAt = null) {
    this.state = { name, retryAt, failures: this.#failures };
    this.onState(this.state);
  }

  #after(name, delay, action) {
    this.#clear(name);
    this.#timers.set(name, this.environment.setTimeout(action, delay));
  }

  #clear(name) {
    this.environment.clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }

  #stopTimers() {
    for (const name of [...this.#timers.keys()]) this.#clear(name);
  }
}

function parsed(data) {
  try {
    const frame = JSON.parse(data);
    return frame && typeof frame.type === "string" ? frame : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function browser() {
  return {
    openSocket: (url) => new WebSocket(url),
    setTimeout: (action, delay) => setTimeout(action, delay),
    clearTimeout: (timer) => clearTimeout(timer),
    now: () => Date.now(),
    random: Math.random,
    isOnline: () => navigator.onLine,
  };
}
