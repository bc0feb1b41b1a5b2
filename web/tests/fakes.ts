import type { Clock } from "../src/clock";

/** A clock that moves only when told, running what falls due on the way. */
export class FakeClock implements Clock {
  private time = 1_000_000;
  private timers: { due: number; action: () => void }[] = [];

  now(): number {
    return this.time;
  }

  after(delayMilliseconds: number, action: () => void): () => void {
    const timer = { due: this.time + delayMilliseconds, action };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /** Moves on, letting promises settle after each timer. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.time + milliseconds;
    for (;;) {
      const next = this.timers.filter((timer) => timer.due <= end).sort((a, b) => a.due - b.due)[0];
      if (next === undefined) break;
      this.timers = this.timers.filter((timer) => timer !== next);
      this.time = next.due;
      next.action();
      await settle();
    }
    this.time = end;
    await settle();
  }

  /** Moves on as a sleeping laptop does: timers do not run. */
  sleep(milliseconds: number): void {
    this.time += milliseconds;
  }

  get waiting(): number {
    return this.timers.length;
  }
}

/** Lets every promise that can settle do so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
