// The API that SCORM 1.2 content finds (RTE §3.3): scorm-again handles every call, and keeps the data model while the
// content runs. This wrapper exposes the eight functions to content and nothing else, records what content sets, and writes
// the log. The library sends nothing, since it is given no address.

import { Scorm12API } from "./scorm12.js";

const SUCCESS = "true";
const GENERAL = "101";
const NOT_INITIALIZED = "301";

/** Sorts `cmi.objectives.10` after `cmi.objectives.2`: the library fills lists in order. */
const inOrder = new Intl.Collator("en", { numeric: true }).compare;

/**
 * @param {Record<string, string>} values the initial values from the server
 * @param {import("./transport.js").Transport} transport
 * @param {(call: {name: string, args: string[], answer: string, error: string}) => void} log
 * @param {() => void} finished called once content has finished
 */
export function scorm12(values, transport, log, finished) {
  const library = new Scorm12API({
    autocommit: false,
    lmsCommitUrl: false,
    mastery_override: false,
    logLevel: "NONE",
    onLogMessage: () => {},
  });
  for (const [element, value] of Object.entries(values).sort(([a], [b]) => inOrder(a, b))) {
    try {
      // The library sets "not attempted" itself, and refuses to have it set.
      if (value !== "not attempted") library.setCMIValue(element, value);
    } catch (error) {
      log({ name: "prefill", args: [element, value], answer: String(error), error: "405" });
    }
  }
  let running = false;
  let ended = false;
  let misuse = null;

  const call = (name, args, answer) => {
    const error = misuse ?? library.LMSGetLastError();
    log({ name, args, answer, error: String(error) });
    return answer;
  };

  const asText = (value) => (value === undefined || value === null ? "" : String(value));

  return Object.freeze({
    LMSInitialize(parameter) {
      misuse = null;
      const answer = library.LMSInitialize(asText(parameter));
      if (answer === SUCCESS) {
        running = true;
        transport.initialized = true;
        transport.change(0);
      }
      return call("LMSInitialize", [asText(parameter)], answer);
    },
    LMSFinish(parameter) {
      // The library would report success for a second LMSFinish.
      misuse = ended ? GENERAL : null;
      const answer = ended ? "false" : library.LMSFinish(asText(parameter));
      if (answer === SUCCESS && running) {
        running = false;
        ended = true;
        transport.terminated = true;
        transport.change(0);
        finished();
      }
      return call("LMSFinish", [asText(parameter)], answer);
    },
    LMSGetValue(element) {
      misuse = null;
      const answer = library.LMSGetValue(asText(element));
      return call("LMSGetValue", [asText(element)], typeof answer === "string" ? answer : "");
    },
    LMSSetValue(element, value) {
      // The library would accept it even after LMSFinish.
      misuse = ended ? NOT_INITIALIZED : null;
      const answer = ended ? "false" : library.LMSSetValue(asText(element), asText(value));
      if (answer === SUCCESS) transport.set(asText(element), asText(value));
      return call("LMSSetValue", [asText(element), asText(value)], answer);
    },
    LMSCommit(parameter) {
      misuse = null;
      const answer = library.LMSCommit(asText(parameter));
      if (answer === SUCCESS && transport.dirty) transport.schedule(0);
      return call("LMSCommit", [asText(parameter)], answer);
    },
    LMSGetLastError() {
      return misuse ?? library.LMSGetLastError();
    },
    LMSGetErrorString(code) {
      return library.LMSGetErrorString(asText(code));
    },
    LMSGetDiagnostic(code) {
      return library.LMSGetDiagnostic(asText(code));
    },
  });
}
