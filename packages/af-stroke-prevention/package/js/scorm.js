// The SCORM 1.2 run-time environment as this module uses it (SCORM 1.2 RTE, section 3). Without one, everything still reads.

/** Looks for `API` in this window's ancestors, then in those of the window that opened it (RTE 3.3.6.1). */
function findApi() {
  return upwards(window) ?? (window.opener ? upwards(window.opener) : null);
}

function upwards(start) {
  let current = start;
  for (let step = 0; step < 20; step += 1) {
    try {
      if (current.API) return current.API;
    } catch {
      return null; // a frame of another origin: nothing above it can be reached either
    }
    if (current.parent === current) return null;
    current = current.parent;
  }
  return null;
}

/** CMITimespan, HHHH:MM:SS.SS. */
export function timespan(milliseconds) {
  const hundredths = Math.max(0, Math.floor(milliseconds / 10));
  const part = (divisor, modulus) => String(Math.floor(hundredths / divisor) % modulus).padStart(2, "0");
  const hours = String(Math.floor(hundredths / 360000)).padStart(4, "0");
  return `${hours}:${part(6000, 60)}:${part(100, 60)}.${part(1, 100)}`;
}

/** CMITime: the time of day, HH:MM:SS. */
function timeOfDay(date) {
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}

export class Session {
  #api = null;
  #open = false;
  #started = Date.now();
  #interactions = 0;

  /** Told a sentence when something could not be kept, and an empty string when all is well again. */
  onTrouble = () => {};

  /** Starts the session. Answers whether there is anyone to talk to. */
  start() {
    this.#api = findApi();
    if (!this.#api) return false;
    this.#open = String(this.#api.LMSInitialize("")) === "true";
    if (this.#open) this.#interactions = Number.parseInt(this.get("cmi.interactions._count"), 10) || 0;
    return this.#open;
  }

  /** Whether there is a learning management system at all. */
  get found() {
    return this.#api !== null;
  }

  /** Whether it keeps what it is told. */
  get open() {
    return this.#open;
  }

  get(element) {
    return this.#open ? String(this.#api.LMSGetValue(element)) : "";
  }

  set(element, value) {
    if (!this.#open) return;
    this.#told(element, this.#api.LMSSetValue(element, String(value)));
  }

  /** Asks for everything set so far to be kept. */
  commit() {
    if (!this.#open) return;
    this.set("cmi.core.session_time", timespan(Date.now() - this.#started));
    this.#told("the progress", this.#api.LMSCommit(""));
  }

  /** Reports one answer. `pattern` and `response` follow the format of the interaction's type (RTE 3.4.4). */
  interaction({ id, type, pattern, response, correct, latency }) {
    if (!this.#open) return;
    const at = `cmi.interactions.${this.#interactions}`;
    this.#interactions += 1;
    this.set(`${at}.id`, id);
    this.set(`${at}.type`, type);
    this.set(`${at}.time`, timeOfDay(new Date()));
    this.set(`${at}.correct_responses.0.pattern`, pattern);
    this.set(`${at}.weighting`, "1");
    this.set(`${at}.student_response`, response);
    this.set(`${at}.result`, correct ? "correct" : "wrong");
    this.set(`${at}.latency`, timespan(latency));
  }

  /** Ends the session. `exit` is "suspend" when the learner may come back to this place, "" when the module is done. */
  finish(exit) {
    if (!this.#open) return;
    this.set("cmi.core.exit", exit);
    this.commit();
    this.#api.LMSFinish("");
    this.#open = false;
  }

  #told(what, answer) {
    if (String(answer) === "true") {
      this.onTrouble("");
      return;
    }
    const code = String(this.#api.LMSGetLastError());
    const reason = code === "0" ? "" : ` (${this.#api.LMSGetErrorString(code)})`;
    this.onTrouble(`The learning management system did not keep ${what}${reason}. Your last steps may be lost when you close this window.`);
  }
}
