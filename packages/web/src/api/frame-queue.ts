/**
 * Gathers frames and hands them on in one go for each painted frame, so that a burst (a long history, fast deltas)
 * costs one rendering. A hidden page paints nothing: there a timer does it.
 */
export function createFrameQueue<T>(flush: (frames: T[]) => void): { push(frame: T): void; clear(): void } {
  let frames: T[] = [];
  let scheduled = false;

  function run(): void {
    scheduled = false;
    const batch = frames;
    frames = [];
    if (batch.length > 0) flush(batch);
  }

  return {
    push(frame) {
      frames.push(frame);
      if (scheduled) return;
      scheduled = true;
      if (document.visibilityState === "hidden") setTimeout(run, 50);
      else requestAnimationFrame(run);
    },
    clear() {
      frames = [];
    },
  };
}
