// The SCORM 1.2 data model (RTE §3.4) as the server checks it: one table for both, and the same rules. What is accepted here is
// kept there.

import table from "./table.js";

export const NOT_IMPLEMENTED = "401";
export const KEYWORD = "402";
export const READ_ONLY = "403";
export const WRITE_ONLY = "404";
export const WRONG_TYPE = "405";

const elements = new Map(table.elements.map((element) => [element.name, element]));

/** The longest text of a decimal, as the server reads it. */
const LONGEST_DECIMAL = 32;
const DECIMAL = /^-?(?:\d+(?:\.\d*)?|\.\d+)$/;
const INTEGER = /^-?\d+$/;
const CLOCK = /^(\d{1,9}):(\d\d):(\d\d)(?:\.\d{1,2})?$/;
const INDEX = /^(?:0|[1-9]\d*)$/;
const CONTROL = /\p{Cc}/u;
const VISIBLE = /\P{White_Space}/u;

/** The name of an element with every index written `n`, and the indices. */
export function generic(element) {
  const indices = [];
  const parts = element.split(".").map((part) => {
    if (!INDEX.test(part)) return part;
    indices.push(Number(part));
    return "n";
  });
  return { name: parts.join("."), indices };
}

/** What the table says of the element with this generic name. */
export function rule(name) {
  return elements.get(name);
}

/** The error with which content may not set `element` to `value`; null if it may. */
export function refusal(element, value) {
  const { name, indices } = generic(element);
  const known = elements.get(name);
  if (!known) return keyword(name) ? KEYWORD : NOT_IMPLEMENTED;
  if (known.access === "read") return READ_ONLY;
  if (indices.some((index) => index >= table.list_length)) return WRONG_TYPE;
  if (value === "" && known.blank) return null;
  if (known.length !== undefined && value.length > known.length && length(value) > known.length) return WRONG_TYPE;
  return fits(known, value) ? null : WRONG_TYPE;
}

/** Of `cmi.core._count`: the part before a keyword, if that has parts. */
export function keyword(name) {
  const [, parent, word] = /^(.+)\.(_children|_count|_version)$/.exec(name) ?? [];
  return parent !== undefined && parts(parent).length > 0 ? { parent, word } : null;
}

/** The names of the parts of an element, in the order of the table. */
export function parts(parent) {
  const start = `${parent}.`;
  const below = table.elements.filter(({ name }) => name.startsWith(start));
  return [...new Set(below.map(({ name }) => name.slice(start.length).split(".")[0]))];
}

/** Whether an element is one of SCORM 2004's that SCORM 1.2 has no element of the same name for. */
export function isOfScorm2004(element) {
  return table.scorm2004.some((name) => element === name || element.startsWith(`${name}.`));
}

/** How much room a value takes; only values in lists take any. */
export function cost(element, value) {
  return /^cmi\.(?:interactions|objectives)\./.test(element) ? length(value) + table.entry_cost : 0;
}

/** How much room there is for the values of all lists together. */
export const ROOM = table.room;

/** In characters: half an emoji is one, and so is a whole one. */
function length(value) {
  let count = 0;
  for (const _ of value) count += 1;
  return count;
}

function fits({ type, values = [], also = {}, range }, value) {
  const inVocabulary = () => values.includes(value) || Object.hasOwn(also, value);
  switch (type) {
    case "string": return true;
    case "identifier": return VISIBLE.test(value) && !CONTROL.test(value);
    case "decimal": return inRange(value, range);
    case "integer": return INTEGER.test(value) && inRange(value, range);
    case "vocabulary": return inVocabulary();
    case "time": return isTimeOfDay(value);
    case "timespan": return CLOCK.test(value);
    case "result": return inVocabulary() || isDecimal(value);
    default: return false;
  }
}

function isDecimal(value) {
  return value.length <= LONGEST_DECIMAL && DECIMAL.test(value);
}

function inRange(value, range) {
  return isDecimal(value) && (!range || (Number(value) >= range[0] && Number(value) <= range[1]));
}

function isTimeOfDay(value) {
  const [, hours, minutes, seconds] = CLOCK.exec(value) ?? [];
  return hours !== undefined && Number(hours) < 24 && Number(minutes) < 60 && Number(seconds) < 60;
}
