// Seat time: the seconds in which the content is visible and the learner is present. Measured by the player, which shares
// the content's origin and so receives its events; the server limits the reported time by its own clock.

const IDLE_AFTER = 5 * 60_000;
const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "scroll", "touchstart", "input"];

export class Attention {
  /** @param {HTMLIFrameElement} frame of the content */
  constructor(frame) {
    this.frame = frame;
    this.lastSign = performance.now();
    this.watched = new WeakSet();
    this.watch(window);
  }

  /** Whether the learner is present at this moment. */
  get present() {
    if (document.visibilityState !== "visible") return false;
    return performance.now() - this.lastSign < IDLE_AFTER || this.plays(this.frame.contentWindow);
  }

  /** Listens in every frame of the content; frames of other origins are not accessible. */
  refresh() {
    this.watch(this.frame.contentWindow);
  }

  watch(view) {
    for (const each of this.windows(view)) {
      if (this.watched.has(each.document)) continue;
      this.watched.add(each.document);
      for (const sign of SIGNS) {
        each.addEventListener(sign, () => { this.lastSign = performance.now(); }, { capture: true, passive: true });
      }
    }
  }

  /** Whether a video or a recording runs. */
  plays(view) {
    return this.windows(view).some((each) =>
      [...each.document.querySelectorAll("video, audio")].some((media) => !media.paused && !media.ended));
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
