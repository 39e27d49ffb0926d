// What content has set and the server has not acknowledged, in the order in which it counts.

const stringify = JSON.stringify.bind(JSON);
const bytes = new TextEncoder();
const encode = bytes.encode.bind(bytes);

/** The server accepts commits of 1 MiB; the rest of this is for what is around the values. */
const MOST_BYTES = 1_000_000;

export class Pending {
  constructor() {
    /**
     * The last value of each element, oldest part first: a new part begins where an entry of the interactions becomes one of
     * another question, so that both questions arrive.
     * @type {Map<string, {value: string, stamp: number, size: number}>[]}
     */
    this.parts = [new Map()];
    this.mentioned = new Set();
    this.stamp = 0;
  }

  set(element, value) {
    this.stamp += 1;
    const size = encode(stringify(element)).length + encode(stringify(value)).length + 2;
    this.parts.at(-1).set(element, { value, stamp: this.stamp, size });
  }

  /** What is set from here on comes after everything before. */
  separate() {
    if (this.parts.at(-1).size > 0) this.parts.push(new Map());
  }

  /** Sets an element that there is not, once; whether it is new. */
  mention(element, value) {
    if (this.mentioned.has(element) || this.mentioned.size >= 100) return false;
    this.mentioned.add(element);
    this.set(element, value);
    return true;
  }

  get size() {
    return this.parts.reduce((sum, part) => sum + part.size, 0);
  }

  /** As much as one commit can hold, the oldest first. */
  read() {
    const parts = [];
    const stamps = new Set();
    let whole = true;
    let room = MOST_BYTES;
    for (const part of this.parts) {
      const values = [];
      for (const [element, { value, stamp, size }] of part) {
        room -= size;
        if (room < 0) {
          whole = false;
          break;
        }
        values.push([element, value]);
        stamps.add(stamp);
      }
      parts.push(Object.fromEntries(values));
      if (!whole) break;
    }
    const cmi = parts.pop();
    return { earlier: parts, cmi, whole, stamps };
  }

  /** Forgets what the server has; what was set again since is another value. */
  acknowledge(stamps) {
    for (const part of this.parts) {
      for (const [element, { stamp }] of part) if (stamps.has(stamp)) part.delete(element);
    }
    const last = this.parts.pop();
    this.parts = [...this.parts.filter((part) => part.size > 0), last];
  }
}
