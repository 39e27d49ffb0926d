// The API that SCORM 1.2 content finds (RTE §3.3). Every value is checked against the table of the data model, as the server
// does it, and what is accepted is kept here as it was said: `true` means that it is kept. scorm-again answers for what
// content has not set. It sends nothing, since it is given no address, and nothing that it throws reaches content.

import { Scorm12API } from "./scorm12.js";
import * as model from "./model.js";

const NO_ERROR = "0";
const GENERAL = "101";
const INVALID_ARGUMENT = "201";
const NO_CHILDREN = "202";
const NO_COUNT = "203";
const NOT_INITIALIZED = "301";
const VERSION = "3.4";

/** Sorts `cmi.objectives.10` after `cmi.objectives.2`: the library fills lists in order. */
const inOrder = new Intl.Collator("en", { numeric: true }).compare;

/** Content may pass anything, such as a number, `undefined`, or an object whose conversion throws. */
function asText(value) {
  try {
    return value === undefined || value === null ? "" : String(value);
  } catch {
    return null;
  }
}

/** The list and the index that an element is in: `cmi.interactions.3.` */
function entryOf(element) {
  return /^cmi\.(?:interactions|objectives)\.\d+\./.exec(element)?.[0];
}

/** What content has set, and what it starts with, by full element names. */
class Values {
  constructor(values) {
    this.all = new Map(Object.entries(values));
    this.used = 0;
    for (const [element, value] of this.all) this.used += model.cost(element, value);
  }

  get(element) {
    return this.all.get(element);
  }

  /** Keeps a value that fits the data model; false if there is no room for it. */
  set(element, value) {
    const before = this.all.get(element);
    const freed = before === undefined ? 0 : model.cost(element, before);
    const used = this.used - freed + model.cost(element, value);
    if (used > model.ROOM && used > this.used) return false;
    this.all.set(element, value);
    this.used = used;
    return true;
  }

  /** Whether setting `element` makes an entry of interactions one of another question (RTE §3.4.2.7). */
  replaces(element, value) {
    const before = this.all.get(element);
    return /^cmi\.interactions\.\d+\.id$/.test(element) && before !== undefined && before !== value;
  }

  /** Forgets what was said of the question before. */
  empty(entry) {
    for (const [element, value] of this.all) {
      if (!element.startsWith(entry)) continue;
      this.all.delete(element);
      this.used -= model.cost(element, value);
    }
  }

  /** One more than the highest index in a list. */
  count(list) {
    const start = `${list}.`;
    let count = 0;
    for (const element of this.all.keys()) {
      if (element.startsWith(start)) count = Math.max(count, Number.parseInt(element.slice(start.length), 10) + 1);
    }
    return count;
  }
}

/**
 * @param {Record<string, string>} start the initial values from the server
 * @param {import("./transport.js").Transport} transport
 * @param {(call: {name: string, args: string[], answer: string, error: string}) => void} log
 * @param {() => void} finished called once content has finished
 */
export function scorm12(start, transport, log, finished) {
  const library = attempt(
    () =>
      new Scorm12API({
        autocommit: false,
        lmsCommitUrl: false,
        mastery_override: false,
        logLevel: "NONE",
        onLogMessage: () => {},
      }),
  );
  const values = new Values(start);
  for (const [element, value] of Object.entries(start).sort(([a], [b]) => inOrder(a, b))) {
    // The library refuses some values that the table accepts; they are kept here all the same.
    attempt(() => library.setCMIValue(element, value));
  }
  /** "new", "running" or "ended". */
  let phase = "new";
  let error = NO_ERROR;

  /** Runs one function of the API: `work` returns its answer, or throws a code. */
  const call = (name, args, failure, work) => {
    const texts = args.map(asText);
    let answer = failure;
    try {
      if (texts.includes(null)) throw INVALID_ARGUMENT;
      answer = work(...texts);
      error = NO_ERROR;
    } catch (thrown) {
      error = typeof thrown === "string" ? thrown : GENERAL;
    }
    attempt(() => log({ name, args: texts.map((text) => text ?? ""), answer, error }));
    return answer;
  };

  const requireRunning = () => {
    if (phase !== "running") throw NOT_INITIALIZED;
  };

  const requireEmpty = (parameter) => {
    if (parameter !== "") throw INVALID_ARGUMENT;
  };

  /** The value of an element that is read, or of a keyword. */
  const read = (element) => {
    if (element === "cmi._version") return VERSION;
    const { name, indices } = model.generic(element);
    const rule = model.rule(name);
    if (!rule) return readKeyword(element, name);
    if (rule.access === "write") throw model.WRITE_ONLY;
    if (indices.length > 0 && indices[0] >= values.count("cmi.objectives")) throw INVALID_ARGUMENT;
    // A score that was not set is empty (RTE §3.4.2.1.8); the library would say that the highest one is 100.
    const unset = () => (rule.type === "decimal" ? "" : library.LMSGetValue(element));
    const value = values.get(element) ?? attempt(unset);
    return typeof value === "string" ? value : "";
  };

  const readKeyword = (element, name) => {
    const found = model.keyword(name);
    const leaf = /^(.+)\.(_children|_count)$/.exec(name);
    if (!found && leaf && model.rule(leaf[1])) throw leaf[2] === "_children" ? NO_CHILDREN : NO_COUNT;
    if (!found || found.word === "_version") throw model.NOT_IMPLEMENTED;
    const parts = model.parts(found.parent);
    const isList = parts.length === 1 && parts[0] === "n";
    if (found.word === "_children") {
      // The parts of a list are those of its entries (RTE §3.4.1).
      if (found.parent.endsWith(".n")) throw NO_CHILDREN;
      return model.parts(isList ? `${found.parent}.n` : found.parent).join(",");
    }
    if (!isList) throw NO_COUNT;
    return String(values.count(element.slice(0, -"._count".length)));
  };

  /** Keeps a value, or throws the code with which it is refused. */
  const write = (element, value) => {
    const refused = model.refusal(element, value);
    if (refused) {
      // The server notes which standard the content was made for.
      if (model.isOfScorm2004(element)) transport.mention(element, value);
      throw refused;
    }
    // The server has closed this page: nothing would be kept.
    if (transport.standing !== "open") throw GENERAL;
    const replaces = values.replaces(element, value);
    if (replaces) values.empty(entryOf(element));
    if (!values.set(element, value)) throw model.WRONG_TYPE;
    attempt(() => library.setCMIValue(element, value));
    transport.set(element, value, replaces);
  };

  return Object.freeze({
    LMSInitialize(parameter) {
      return call("LMSInitialize", [parameter], "false", (text) => {
        requireEmpty(text);
        if (phase !== "new") throw GENERAL;
        attempt(() => library.LMSInitialize(""));
        phase = "running";
        transport.initialized = true;
        transport.change(0);
        return "true";
      });
    },
    LMSFinish(parameter) {
      return call("LMSFinish", [parameter], "false", (text) => {
        if (phase === "ended") throw GENERAL;
        requireRunning();
        requireEmpty(text);
        attempt(() => library.LMSFinish(""));
        phase = "ended";
        transport.terminated = true;
        transport.change(0);
        finished();
        return "true";
      });
    },
    LMSGetValue(element) {
      return call("LMSGetValue", [element], "", (name) => {
        requireRunning();
        return read(name);
      });
    },
    LMSSetValue(element, value) {
      return call("LMSSetValue", [element, value], "false", (name, text) => {
        requireRunning();
        write(name, text);
        return "true";
      });
    },
    LMSCommit(parameter) {
      return call("LMSCommit", [parameter], "false", (text) => {
        requireRunning();
        requireEmpty(text);
        if (transport.standing !== "open") throw GENERAL;
        transport.hurry();
        return "true";
      });
    },
    LMSGetLastError() {
      return error;
    },
    LMSGetErrorString(code) {
      return attempt(() => library.LMSGetErrorString(asText(code) ?? "")) ?? "";
    },
    LMSGetDiagnostic(code) {
      return attempt(() => library.LMSGetDiagnostic(asText(code) || error)) ?? "";
    },
  });
}

/** What `work` returns; undefined if it throws. */
function attempt(work) {
  try {
    return work();
  } catch {
    return undefined;
  }
}
