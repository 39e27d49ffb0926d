// Seat time: the seconds in which the content is visible and the learner is present. Measured by the player, which shares
// the content's origin and so receives the events of its frames and of the windows that it opens; the server limits the
// reported time by its own clock.

const IDLE_AFTER = 5 * 60_000;
const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "scroll", "touchstart", "input"];

export class Attention {
  /** @param {HTMLIFrameElement} frame of the content */
  constructor(frame) {
    this.frame = frame;
    this.lastSign = performance.now();
    this.watched = new WeakSet();
    this.opened = new Set();
    this.watch(window);
  }

  /** Whether the learner is present at this moment. */
  get present() {
    try {
      return this.isPresent();
    } catch {
      // Content has replaced what this asks with something that throws.
      return document.visibilityState === "visible";
    }
  }

  isPresent() {
    const all = this.all();
    if (!all.some((each) => each.document.visibilityState === "visible")) return false;
    return performance.now() - this.lastSign < IDLE_AFTER || all.some((each) => this.plays(each));
  }

  /** The player, the frames of the content, and the windows that it has opened; those of other origins are not accessible. */
  all() {
    for (const each of this.opened) if (each.closed) this.opened.delete(each);
    const windows = [...this.opened].flatMap((each) => this.windows(each));
    return [window, ...this.windows(this.frame.contentWindow), ...windows];
  }

  /** Listens in every window and frame of the content. */
  refresh() {
    for (const each of this.all()) {
      try {
        this.watch(each);
      } catch {
        // Content has replaced what this uses with something that throws.
      }
    }
  }

  watch(view) {
    if (this.watched.has(view.document)) return;
    this.watched.add(view.document);
    for (const sign of SIGNS) {
      view.addEventListener(sign, () => { this.lastSign = performance.now(); }, { capture: true, passive: true });
    }
    if (view === window) return;
    const open = view.open;
    view.open = (...args) => {
      const opened = Reflect.apply(open, view, args);
      if (opened) this.opened.add(opened);
      return opened;
    };
  }

  /** Whether a video or a recording runs. */
  plays(view) {
    return [...view.document.querySelectorAll("video, audio")].some((media) => !media.paused && !media.ended);
  }

  /** `view` and the frames in it, if they have our origin. */
  windows(view) {
    try {
      if (!view?.document) return [];
      return [view, ...Array.from(view.frames).flatMap((inner) => this.windows(inner))];
    } catch {
      return [];
    }
  }
}
