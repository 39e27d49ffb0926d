// Seat time: the seconds in which the content is in view and the learner is there. Seen from the player, which shares the
// content's origin and so hears its events; the server caps what it is told by its own clock.

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

  /** Whether the learner attends at this moment. */
  get present() {
    if (document.visibilityState !== "visible") return false;
    return performance.now() - this.lastSign < IDLE_AFTER || this.plays(this.frame.contentWindow);
  }

  /** Listens in every frame of the content; frames of other origins cannot be heard. */
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

  /** `view` and the frames in it, as far as they are of our origin. */
  windows(view) {
    try {
      if (!view?.document) return [];
      return [view, ...Array.from(view.frames).flatMap((inner) => this.windows(inner))];
    } catch {
      return [];
    }
  }
}
