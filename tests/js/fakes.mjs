/** A network and a clock that do what a test says. */

export class FakeSocket {
  sent = [];
  isClosed = false;

  constructor(url) {
    this.url = url;
  }

  send(text) {
    if (this.isClosed) throw new Error("sent on a closed socket");
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.isClosed = true;
  }

  /** A frame from the server. */
  frame(body) {
    this.onmessage({ data: typeof body === "string" ? body : JSON.stringify(body) });
  }

  ready(running = []) {
    this.frame({ type: "ready", protocol: 1, conversation: "c", running });
  }

  /** The connection ends. */
  end(code = 1006) {
    this.isClosed = true;
    this.onclose({ code });
  }
}

export class FakeNetwork {
  sockets = [];
  isUp = true;
  time = 0;
  #timers = new Map();
  #next = 1;

  /** What a Connection takes as its environment. */
  get environment() {
    return {
      openSocket: (url) => this.#open(url),
      setTimeout: (action, delay) => this.#set(action, delay),
      clearTimeout: (timer) => this.#timers.delete(timer),
      now: () => this.time,
      random: () => 0.5,
      isOnline: () => this.isUp,
    };
  }

  get socket() {
    return this.sockets.at(-1);
  }

  get timers() {
    return this.#timers.size;
  }

  /** Let time pass, doing what falls due. */
  pass(milliseconds) {
    const end = this.time + milliseconds;
    for (;;) {
      const due = [...this.#timers].filter(([, timer]) => timer.at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
      if (!due) break;
      this.#timers.delete(due[0]);
      this.time = due[1].at;
      due[1].action();
    }
    this.time = end;
  }

  #open(url) {
    this.sockets.push(new FakeSocket(url));
    return this.socket;
  }

  #set(action, delay) {
    this.#timers.set(this.#next, { action, at: this.time + delay });
    return this.#next++;
  }
}

/** Let promises that are due run. */
export const settle = () => new Promise((resolve) => setImmediate(resolve));
