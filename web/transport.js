// Sends what content sets to the server: everything that is not acknowledged yet goes with the next commit, so that nothing
// is lost with a commit that is lost or overtaken by a later one. Nothing is stored in the browser: computers on hospital
// wards are shared.
//
// Content runs on this origin and may replace any function of this page. So what handles the key is taken here, before
// content runs, and the key is private.

import { Pending } from "./pending.js";

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
const FINAL = new Map(
  Object.entries({
    "launch-unknown": "expired",
    "launch-expired": "expired",
    "launch-ended": "expired",
    "session-ended": "over",
    "commit-too-large": "refused",
    "invalid-commit": "refused",
  }),
);

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
    this.notify = (news) => {
      try {
        notify(news);
      } catch {
        // Content has broken what shows it; what is said is sent all the same.
      }
    };
    this.standing = "open";
    this.pending = new Pending();
    this.initialized = false;
    this.terminated = false;
    this.left = false;
    /** Seconds of attention that no message has reported, and those that messages under way report. */
    this.attended = 0;
    this.reporting = 0;
    this.dirty = false;
    /** Whether a letter is to be left at the end of this task. */
    this.arming = false;
    this.sending = null;
    /** The commits under way: one, and more when the page is hidden or goes. */
    this.flying = new Set();
    /** Whether what the commit under way says was sent once more, since the page may take that commit with it. */
    this.repeated = false;
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

  /** Content has set an element; `apart` if it begins an entry of another question, so that what was set before goes first. */
  set(element, value, apart = false) {
    if (apart) this.pending.separate();
    this.pending.set(element, value);
    this.change(SETTLE);
  }

  /** Content has named an element that there is not: once is enough. */
  mention(element, value) {
    if (this.pending.mention(element.slice(0, 255), value.slice(0, 255))) this.change(SETTLE);
  }

  /** Content asks for a commit: what is pending goes now. */
  hurry() {
    if (this.dirty && !this.holding && !this.parting) this.schedule(0);
  }

  /** Something must reach the server soon: in `wait` milliseconds after the last commit, or with an earlier one. */
  change(wait) {
    this.dirty = true;
    this.notify({ saved: false, standing: this.standing });
    if (this.holding) return;
    if (!this.parting) {
      this.armSoon();
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
    this.cancel();
    this.due = due;
    this.timer = setTimeout(() => {
      this.due = Infinity;
      this.send();
    }, wait);
  }

  cancel() {
    clearTimeout(this.timer);
    this.due = Infinity;
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
    return !this.dirty && this.flying.size === 0;
  }

  /** What the next commit says: all that is pending, or as much of it as one commit can hold, and then the end another time. */
  body(sequence, attended) {
    const { earlier, cmi, whole, stamps } = this.pending.read();
    const body = stringify({
      sequence,
      initialized: this.initialized,
      terminated: this.terminated && whole,
      left: this.left && whole,
      attended,
      ...(earlier.length > 0 ? { earlier } : {}),
      cmi,
    });
    return { body, stamps, whole };
  }

  /** Collects what to send; later changes belong to the next commit. */
  snapshot() {
    this.disarm();
    this.cancel();
    this.sent = performance.now();
    this.sequence += 1;
    // A page that goes takes its commits with it, so that the last one reports what they do; the server counts by its clock.
    const attended = this.attended + (this.parting ? this.reporting : 0);
    const fresh = this.attended;
    this.attended = 0;
    this.reporting += fresh;
    const { body, stamps, whole } = this.body(this.sequence, attended);
    this.dirty = !whole;
    return { body, stamps, attended: fresh };
  }

  async send() {
    if (this.flying.size > 0) {
      await Promise.all(this.flying);
      return !this.failures;
    }
    if (!this.dirty || this.standing !== "open") return true;
    const commit = this.snapshot();
    this.repeated = false;
    this.sending = this.post(commit);
    const taken = await this.sending;
    this.sending = null;
    if (!taken) this.dirty = true;
    this.continue();
    return taken;
  }

  /** Sends what has been set meanwhile, or once more what has not arrived. */
  continue() {
    if (this.dirty && this.standing === "open" && !this.holding && !this.parting) {
      this.arm();
      this.schedule(this.failures ? Math.min(LONGEST_WAIT, 1000 * 2 ** this.failures) : 0);
    }
    this.notify({ saved: this.saved, standing: this.standing });
  }

  /** Sends a commit; whether the server has it, or one that includes it. */
  async post(commit, more = {}, headers = {}) {
    const under = this.exchange(commit, more, headers);
    this.flying.add(under);
    const taken = await under;
    this.flying.delete(under);
    this.reporting -= commit.attended;
    if (taken !== "applied") this.attended += commit.attended;
    // What an overtaken commit says is in a later one, whose acknowledgment counts.
    if (this.flying.size === 0 && this.pending.size > 0) this.dirty = true;
    if (this.saved) this.disarm();
    return taken !== "lost";
  }

  async exchange(commit, more, headers) {
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
        return "applied";
      }
      if (answer.code === "commit-overtaken") {
        this.failures = 0;
        return "overtaken";
      }
      if (FINAL.has(answer.code)) {
        this.standing = FINAL.get(answer.code);
        this.disarm();
        this.notify({ saved: false, standing: this.standing, refusal: answer.detail });
        return "lost";
      }
    } catch {
      // No connection, or a proxy that responds for the server: retry.
    }
    this.failures += 1;
    return "lost";
  }

  acknowledge(commit, receipt) {
    this.failures = 0;
    this.pending.acknowledge(commit.stamps);
    this.standing = receipt.session;
    this.notify({ saved: this.saved, standing: this.standing, receipt });
  }

  /** Content sets many values at once: one letter has them all. */
  armSoon() {
    if (!later || this.arming) return;
    this.arming = true;
    queueMicrotask(() => {
      this.arming = false;
      if (this.dirty && !this.parting) this.arm();
    });
  }

  /** Leaves a letter with the browser, which it sends should the page crash or the browser be closed. */
  arm(body = this.body(this.sequence + 1, this.attended).body) {
    if (!later || this.standing !== "open") return;
    this.disarm();
    const letter = new Abort();
    try {
      later("/player/commit", {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-Player-Key": this.#key },
        body,
        credentials: "omit",
        signal: letter.signal,
      });
      this.#letter = letter;
    } catch {
      // Too large for a letter: the commit itself is on its way.
    }
  }

  /** Takes the letter back: it says what the server has, or what a later one says better. */
  disarm() {
    this.#letter?.abort();
    this.#letter = null;
  }

  /**
   * Sends pending changes while the page is hidden or closed. A commit in progress may be aborted with the page, so everything
   * in it is sent again under a later number; the server accepts whichever arrives. It goes by two ways with the same bytes,
   * since no way survives everything.
   */
  async part() {
    const includesAll = !this.dirty && (!this.sending || this.repeated);
    if (this.standing !== "open" || includesAll) {
      if (this.parting && !this.repeated) this.farewell();
      return;
    }
    this.repeated = true;
    const commit = this.snapshot();
    const outlives = encode(commit.body).length < PARTING_BYTES;
    if (later) {
      this.arm(commit.body);
    } else {
      beacon?.("/player/commit", `{"key":"${this.#key}","parting":${this.parting},"commit":${commit.body}}`);
    }
    const headers = this.parting ? { "X-Player-Parting": "1" } : {};
    if (!(await this.post(commit, outlives ? { keepalive: true } : {}, headers))) this.dirty = true;
    if (this.parting && this.dirty && this.failures === 0) this.part();
    this.continue();
  }

  /** Tells the server that this page goes, so that the next one need not wait for it. */
  farewell() {
    beacon?.("/player/heartbeat", `{"key":"${this.#key}","attended":${this.attended},"parting":true}`);
  }

  /** Reports to the server how long the learner was present, and reads the status of the session. */
  async heartbeat() {
    if (this.standing !== "open") return;
    const attended = this.attended;
    this.attended = 0;
    this.reporting += attended;
    try {
      const answer = await this.ask("heartbeat", { attended });
      this.standing = answer.session;
    } catch (error) {
      // Without a connection, the next heartbeat reports it again.
      this.attended += attended;
      if (FINAL.has(error.code)) this.standing = FINAL.get(error.code);
    }
    this.reporting -= attended;
    this.notify({ saved: this.saved, standing: this.standing });
  }
}
