// Sends what content sets to the server: everything that is not acknowledged yet goes with the next commit, so that nothing
// is lost with a commit that is lost or overtaken by a later one. Nothing is stored in the browser: computers on hospital
// wards are shared.

// Browsers allow 64 KiB in total for all requests that outlive their page.
const PARTING_BYTES = 60_000;
const LONGEST_WAIT = 30_000;
const SETTLE = 1_500;

/** Errors after which a retry is useless, and the notice that the learner sees. */
const FINAL = {
  "launch-unknown": "expired",
  "launch-expired": "expired",
  "session-ended": "ended",
  "commit-too-large": "refused",
  "invalid-commit": "refused",
};

export class Transport {
  /**
   * @param {string} base the path of the launch, ending in a slash
   * @param {number} sequence of the last commit that the server has
   * @param {(what: {saved: boolean, standing: string, receipt?: object}) => void} notify called whenever something changes
   */
  constructor(base, sequence, notify) {
    this.base = base;
    this.sequence = sequence;
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
    /** Whether the page is going away: nothing can wait. */
    this.parting = false;
  }

  /** Content has set an element. */
  set(element, value) {
    this.values.set(element, value);
    this.change(SETTLE);
  }

  /** Something must reach the server soon: in `wait` milliseconds, or with an earlier commit. */
  change(wait) {
    this.dirty = true;
    this.notify({ saved: false, standing: this.standing });
    if (!this.parting) {
      if (!this.sending) this.schedule(wait);
    } else if (wait === 0) {
      this.part();
    } else {
      // Content sets several values at once before it is unloaded: they are sent together.
      queueMicrotask(() => this.part());
    }
  }

  schedule(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), wait);
  }

  /** Sends pending changes now; resolves once the server has all of them or refuses them. */
  async flush() {
    clearTimeout(this.timer);
    while (!this.saved && this.standing === "open") {
      if (!(await this.send())) return false;
    }
    return this.saved;
  }

  /** Whether the server has acknowledged everything: a commit in progress may still be lost. */
  get saved() {
    return !this.dirty && !this.sending;
  }

  /** Collects what to send; later changes belong to the next commit. */
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
    this.notify({ saved: this.saved, standing: this.standing });
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

  /**
   * Sends pending changes while the page is being closed. A commit in progress may be aborted with the page, so everything
   * in it is sent again under a later number; the server accepts whichever arrives.
   */
  async part() {
    if (this.standing !== "open" || !(this.dirty || this.sending)) return;
    const commit = this.snapshot();
    const outlives = new Blob([commit.body]).size < PARTING_BYTES;
    if (!(await this.post(commit, outlives))) this.dirty = true;
    if (this.dirty && !this.parting) this.schedule(SETTLE);
    this.notify({ saved: this.saved, standing: this.standing });
  }

  /** Reports to the server how long the learner was present, and reads the status of the session. */
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
      this.notify({ saved: this.saved, standing: this.standing });
    } catch {
      // The next heartbeat reports it again.
    }
  }
}
