// How what content says reaches the server: everything that is not acknowledged yet goes with the next commit, so that a
// commit that is lost, or overtaken by a later one, takes nothing with it. Nothing is kept in the browser: wards share
// their computers.

// Browsers let all requests that outlive their page have 64 KiB together.
const PARTING_BYTES = 60_000;
const LONGEST_WAIT = 30_000;
const SETTLE = 1_500;

/** Refusals after which sending again is useless, and what the learner is told. */
const FINAL = {
  "launch-unknown": "expired",
  "launch-expired": "expired",
  "session-ended": "ended",
  "commit-too-large": "refused",
  "invalid-commit": "refused",
};

export class Transport {
  /**
   * @param {string} base where the launch lives, ending in a slash
   * @param {number} sequence of the last commit that the server has
   * @param {(what: {saved: boolean, standing: string, receipt?: object}) => void} tell called whenever something changes
   */
  constructor(base, sequence, tell) {
    this.base = base;
    this.sequence = sequence;
    this.tell = tell;
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
    /** Whether the page is going away: nothing can wait any more. */
    this.parting = false;
  }

  /** Content has set an element. */
  set(element, value) {
    this.values.set(element, value);
    this.change(SETTLE);
  }

  /** Something must reach the server soon: in `wait` milliseconds, or with the next commit before that. */
  change(wait) {
    this.dirty = true;
    this.tell({ saved: false, standing: this.standing });
    if (!this.parting) {
      if (!this.sending) this.schedule(wait);
    } else if (wait === 0) {
      this.part();
    } else {
      // Content sets several values in one go before it is gone: they leave together.
      queueMicrotask(() => this.part());
    }
  }

  schedule(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), wait);
  }

  /** Sends what waits, now; resolves once the server has all of it or will not take it. */
  async flush() {
    clearTimeout(this.timer);
    while (!this.saved && this.standing === "open") {
      if (!(await this.send())) return false;
    }
    return this.saved;
  }

  /** Whether the server has said that it has everything: what is under way may still be lost. */
  get saved() {
    return !this.dirty && !this.sending;
  }

  /** Takes down what is to be sent; what changes meanwhile belongs to the next commit. */
  snapshot() {
    this.sequence += 1;
    const values = new Map(this.values);
    const attended = this.attended;
    this.dirty = false;
    const body = JSON.stringify({
      sequence: this.sequence,
      initialized: this.initialized,
      terminated: this.terminated,
      left: this.left,
      attended,
      cmi: Object.fromEntries(values),
    });
    return { body, values, attended };
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
    if (this.dirty && this.standing === "open") {
      this.schedule(this.failures ? Math.min(LONGEST_WAIT, 1000 * 2 ** this.failures) : SETTLE);
    }
    this.tell({ saved: this.saved, standing: this.standing });
    return taken;
  }

  async post(commit, keepalive = false) {
    try {
      const response = await fetch(`${this.base}commit`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: commit.body,
        keepalive,
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
        this.tell({ saved: false, standing: this.standing, refusal: answer.detail });
        return false;
      }
    } catch {
      // No connection, or a proxy that answers for the server: try again.
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
    this.tell({ saved: this.saved, standing: this.standing, receipt });
  }

  /**
   * Sends what waits while the page goes away. A commit under way may be cut off with the page, so that everything it
   * said is said again under a later number; the server takes whichever comes.
   */
  async part() {
    if (this.standing !== "open" || !(this.dirty || this.sending)) return;
    const commit = this.snapshot();
    const outlives = new Blob([commit.body]).size < PARTING_BYTES;
    if (!(await this.post(commit, outlives))) this.dirty = true;
    if (this.dirty && !this.parting) this.schedule(SETTLE);
    this.tell({ saved: this.saved, standing: this.standing });
  }

  /** Tells the server how long the learner has attended, and hears where the session stands. */
  async heartbeat() {
    if (this.standing !== "open") return;
    const attended = this.attended;
    try {
      const response = await fetch(`${this.base}heartbeat`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ attended }),
      });
      const answer = await response.json();
      if (response.ok) {
        this.attended -= Math.min(this.attended, attended);
        this.standing = answer.session;
      } else if (answer.code in FINAL) {
        this.standing = FINAL[answer.code];
      }
      this.tell({ saved: this.saved, standing: this.standing });
    } catch {
      // The next heartbeat says it again.
    }
  }
}
