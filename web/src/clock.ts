/** The clock as the page's logic needs it, so that a test can be given one. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `action` once after `delayMilliseconds`; returns what cancels it. */
  after(delayMilliseconds: number, action: () => void): () => void;
}

/** The browser's own clock. */
export const browserClock: Clock = {
  now: () => Date.now(),
  after(delayMilliseconds, action) {
    const timer = window.setTimeout(action, delayMilliseconds);
    return () => {
      window.clearTimeout(timer);
    };
  },
};
