// Sends what content sets to the server: everything that is not acknowledged yet goes with the next commit, so that nothing
// is lost with a commit that is lost or overtaken by a later one. Nothing is stored in the browser: computers on hospital
// wards are shared.
//
// Content runs on this origin and may replace any function of this page. So what handles the key is taken here, before
// content runs, and the key is private.

const post = fetch.bind(window);
const beacon = navigator.sendBeacon?.bind(navigator);
const later = window.fetchLater?.bind(window);
const Abort = AbortController;
const stringify = JSON.stringify.bind(JSON);
const bytes = new TextEncoder();
const encode = bytes.encode.bind(bytes);

// Browsers allow 64 KiB in total for all requests that outlive their page.
const PARTING_BYTES = 60_000;
const LONGEST_WAIT = 30_000;
const SETTLE = 400;

/** Errors after which a retry is useless, and the notice that the learner sees. */
const FINAL = {
  "launch-unknown": "expired",
  "launch-expired": "expired",
  "launch-ended": "expired",
  "session-ended": "over",
  "commit-too-large": "refused",
  "invalid-commit": "refused",
};

export class Transport {
  #key;
  #letter = null;

  /**
   * @param {string} key of this load of the page
   * @param {(what: {saved: boolean, standing: string, receipt?: object}) => void} notify called whenever something changes
   */
  constructor(key, notify) {
    this.#key = key;
    this.sequence = 0;
    this.notify = notify;
    this.standing = "open";
    this.values = new Map();
    this.initialized = false;
    this.terminated = false;
    this.left = false;
    this.attended = 0;
    this.dirty = false;
    this.sending = null;
    this.failures = 0;
    this.timer = null;
    this.due = Infinity;
    this.sent = -Infinity;
    /** Whether the page is going away: nothing can wait. */
    this.parting = false;
    /** Whether changes wait for one commit with all of them. */
    this.holding = false;
  }

  /** The values that content starts with, once the server has what the page before this one said last. */
  async begin() {
    const answer = await this.ask("values", {});
    this.sequence = answer.sequence;
    this.standing = answer.session;
    return answer.values;
  }

  /** Sends a small message; throws what the server refuses. */
  async ask(address, message, credentials = "omit") {
    const response = await post(`/player/${address}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Player-Key": this.#key },
      body: stringify(message),
      credentials,
    });
    const answer = await response.json();
    if (!response.ok) throw Object.assign(new Error(answer.detail), { code: answer.code });
    return answer;
  }

  /** Content has set an element. */
  set(element, value) {
    this.values.set(element, value);
    this.change(SETTLE);
  }

  /** Something must reach the server soon: in `wait` milliseconds after the last commit, or with an earlier one. */
  change(wait) {
    this.dirty = true;
    this.notify({ saved: false, standing: this.standing });
    if (this.holding) return;
    if (!this.parting) {
      this.arm();
      if (!this.sending) this.schedule(Math.max(0, this.sent + wait - performance.now()));
    } else if (wait === 0) {
      this.part();
    } else {
      // Content sets several values at once before it is unloaded: they are sent together.
      queueMicrotask(() => this.part());
    }
  }

  /** Sends in `wait` milliseconds, or when a commit was to be sent earlier. */
  schedule(wait) {
    const due = performance.now() + wait;
    if (due >= this.due) return;
    clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(() => this.send(), wait);
  }

  /** Sends pending changes now; resolves once the server has all of them or refuses them. */
  async flush() {
    while (!this.saved && this.standing === "open") {
      if (!(await this.send())) return false;
    }
    return this.saved;
  }

  /** Whether the server has acknowledged everything: a commit in progress may still be lost. */
  get saved() {
    return !this.dirty && !this.sending;
  }

  /** What the next commit says. */
  body(sequence) {
    return stringify({
      sequence,
      initialized: this.initialized,
      terminated: this.terminated,
      left: this.left,
      attended: this.attended,
      cmi: Object.fromEntries(this.values),
    });
  }

  /** Collects what to send; later changes belong to the next commit. */
  snapshot() {
    this.#letter?.abort();
    this.#letter = null;
    clearTimeout(this.timer);
    this.due = Infinity;
    this.sent = performance.now();
    this.sequence += 1;
    this.dirty = false;
    return { body: this.body(this.sequence), values: new Map(this.values), attended: this.attended };
  }

  async send() {
    if (this.sending) {
      await this.sending;
      return !this.failures;
    }
    if (!this.dirty || this.standing !== "open") return true;
    const commit = this.snapshot();
    this.sending = this.post(commit);
    const taken = await this.sending;
    this.sending = null;
    if (!taken) this.dirty = true;
    if (this.dirty && this.standing === "open" && !this.holding) {
      this.schedule(this.failures ? Math.min(LONGEST_WAIT, 1000 * 2 ** this.failures) : 0);
    }
    this.notify({ saved: this.saved, standing: this.standing });
    return taken;
  }

  async post(commit, more = {}, headers = {}) {
    try {
      const response = await post("/player/commit", {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-Player-Key": this.#key, ...headers },
        body: commit.body,
        credentials: "omit",
        ...more,
      });
      const answer = await response.json();
      if (response.ok) {
        this.acknowledge(commit, answer);
        return true;
      }
      if (answer.code === "commit-overtaken") {
        this.acknowledge(commit, { session: this.standing });
        return true;
      }
      if (answer.code in FINAL) {
        this.standing = FINAL[answer.code];
        this.notify({ saved: false, standing: this.standing, refusal: answer.detail });
        return false;
      }
    } catch {
      // No connection, or a proxy that responds for the server: retry.
    }
    this.failures += 1;
    return false;
  }

  acknowledge(commit, receipt) {
    this.failures = 0;
    this.attended -= Math.min(this.attended, commit.attended);
    for (const [element, value] of commit.values) {
      if (this.values.get(element) === value) this.values.delete(element);
    }
    this.standing = receipt.session;
    this.notify({ saved: this.saved, standing: this.standing, receipt });
  }

  /** Leaves a letter with the browser, which it sends should the page crash or the browser be closed. */
  arm(body = this.body(this.sequence + 1)) {
    if (!later || this.standing !== "open") return;
    this.#letter?.abort();
    this.#letter = new Abort();
    try {
      later("/player/commit", {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-Player-Key": this.#key },
        body,
        credentials: "omit",
        signal: this.#letter.signal,
      });
    } catch {
      // Too large for a letter: the commit itself is on its way.
    }
  }

  /**
   * Sends pending changes while the page is hidden or closed. A commit in progress may be aborted with the page, so everything
   * in it is sent again under a later number; the server accepts whichever arrives. It goes by two ways with the same bytes,
   * since no way survives everything.
   */
  async part() {
    if (this.standing !== "open" || !(this.dirty || this.sending)) {
      if (this.parting) this.farewell();
      return;
    }
    const commit = this.snapshot();
    const outlives = encode(commit.body).length < PARTING_BYTES;
    if (later) {
      this.arm(commit.body);
    } else {
      beacon?.("/player/commit", `{"key":"${this.#key}","parting":${this.parting},"commit":${commit.body}}`);
    }
    const headers = this.parting ? { "X-Player-Parting": "1" } : {};
    if (!(await this.post(commit, outlives ? { keepalive: true } : {}, headers))) this.dirty = true;
    if (this.dirty && !this.parting) this.schedule(SETTLE);
    this.notify({ saved: this.saved, standing: this.standing });
  }

  /** Tells the server that this page goes, so that the next one need not wait for it. */
  farewell() {
    beacon?.("/player/heartbeat", `{"key":"${this.#key}","attended":${this.attended},"parting":true}`);
  }

  /** Reports to the server how long the learner was present, and reads the status of the session. */
  async heartbeat() {
    if (this.standing !== "open") return;
    const attended = this.attended;
    try {
      const answer = await this.ask("heartbeat", { attended });
      this.attended -= Math.min(this.attended, attended);
      this.standing = answer.session;
    } catch (error) {
      // Without a connection, the next heartbeat reports it again.
      if (error.code in FINAL) this.standing = FINAL[error.code];
    }
    this.notify({ saved: this.saved, standing: this.standing });
  }
}
