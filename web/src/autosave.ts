/**
 * Saves one entry while it is being written. Pure but for the clock and the
 * sending, which are given to it.
 *
 * Only one request is under way at a time, and a request whose answer never
 * came is sent again unchanged before anything newer: the service can then
 * recognise it (same entry, version and words) instead of seeing a conflict.
 */
import type { Answer, Status } from "./answer";
import type { Clock } from "./clock";

/** After this long without a keystroke the entry is saved. */
export const PAUSE_MILLISECONDS = 1500;
/** During continuous typing the entry is saved this often. */
export const LONGEST_UNSAVED_MILLISECONDS = 5000;
/** The first wait after a failed attempt; each further one is twice as long. */
export const FIRST_RETRY_MILLISECONDS = 2000;
/** No wait between attempts is longer. */
export const LONGEST_RETRY_MILLISECONDS = 30_000;

/** The version of an entry that the service does not have yet. */
const NEW = "0";

/** Milliseconds until the next save, for the first and the latest unsaved change. */
export function saveDelay(nowMs: number, firstChangeMs: number, lastChangeMs: number): number {
  const due = Math.min(lastChangeMs + PAUSE_MILLISECONDS, firstChangeMs + LONGEST_UNSAVED_MILLISECONDS);
  return Math.max(0, due - nowMs);
}

/** Milliseconds to wait after the `failures`-th failed attempt in a row (1, 2, …). */
export function retryDelay(failures: number): number {
  return Math.min(LONGEST_RETRY_MILLISECONDS, FIRST_RETRY_MILLISECONDS * 2 ** (failures - 1));
}

/** What autosave needs of the page. */
export interface Page {
  /** The form as it would be sent, without version and token; undefined when there is nothing worth saving yet. */
  content(): string | undefined;
  /** Sends this content as the successor of the given version. Never rejects. */
  send(content: string, version: string): Promise<Answer>;
  /** A new version was saved, in this entry: another one where it held the same words already. */
  saved(version: string, entry?: string): void;
  /** The status changed. */
  show(status: Status): void;
}

/** The autosave of one form. */
export class Autosave {
  private readonly page: Page;
  private readonly clock: Clock;
  private version: string;
  /** What the service is known to hold. */
  private held: string | undefined;
  /** Sent, but no answer came: it goes again as it was. */
  private unanswered: string | undefined;
  private underWay: Promise<void> | undefined;
  private cancelTimer: (() => void) | undefined;
  private firstChange: number | undefined;
  private failures = 0;
  private current: Status = { kind: "clean" };
  private stopped = false;

  /** `version` is the one in the form when the page came; its content counts as held, unless nothing was saved yet. */
  constructor(page: Page, clock: Clock, version: string) {
    this.page = page;
    this.clock = clock;
    this.version = version;
    this.held = version === NEW ? undefined : page.content();
  }

  /** The status last shown. */
  get status(): Status {
    return this.current;
  }

  /** Whether there are words that the service is not known to hold. */
  get unsaved(): boolean {
    if (this.underWay !== undefined || this.unanswered !== undefined) return true;
    const content = this.page.content();
    return content !== undefined && content !== this.held;
  }

  /** Whether an attempt is under way. */
  get sending(): boolean {
    return this.underWay !== undefined;
  }

  /** A field was changed. */
  changed(): void {
    // A conflict and a sign-out wait for the person; typing goes on meanwhile.
    if (this.stopped || this.current.kind === "conflict" || this.current.kind === "signed-out") return;
    if (!this.unsaved) {
      // Typed and taken back: nothing is left to save.
      this.forgetTimer();
      this.firstChange = undefined;
      if (this.current.kind === "unsaved" || this.current.kind === "refused") this.show({ kind: "clean" });
      return;
    }
    const now = this.clock.now();
    this.firstChange ??= now;
    if (this.underWay !== undefined || this.failures > 0) return;
    if (this.current.kind !== "refused") this.show({ kind: "unsaved" });
    this.schedule(saveDelay(now, this.firstChange, now));
  }

  /** Saves at once: the connection is back, the page is being hidden, or "Try again". */
  saveNow(): void {
    if (this.stopped || this.underWay !== undefined || !this.unsaved || this.current.kind === "conflict") return;
    this.forgetTimer();
    this.start();
  }

  /** Saves everything at once, also what is typed meanwhile; resolves with how it stands when no more can be done now. */
  async flush(): Promise<Status["kind"]> {
    this.forgetTimer();
    await this.underWay;
    while (this.unsaved && !["conflict", "signed-out"].includes(this.current.kind)) {
      this.forgetTimer();
      this.start();
      await this.underWay;
      if (this.current.kind === "offline" || this.current.kind === "refused") break;
    }
    return this.current.kind;
  }

  /**
   * The form is about to be sent by the button: no further autosave. Resolves
   * when none is under way, so that the two cannot overtake each other.
   */
  async stop(): Promise<void> {
    this.stopped = true;
    this.forgetTimer();
    await this.underWay;
  }

  /** The person is back on the page after `stop`. */
  resume(): void {
    this.stopped = false;
    this.saveNow();
  }

  private start(): void {
    const content = this.unanswered ?? this.page.content();
    if (content === undefined) return;
    this.firstChange = undefined;
    // While there is no connection the line keeps saying so, instead of flickering.
    if (this.failures === 0) this.show({ kind: "saving" });
    this.underWay = this.page.send(content, this.version).then((answer) => {
      this.underWay = undefined;
      this.settle(content, answer);
    });
  }

  private settle(content: string, answer: Answer): void {
    if (answer.kind === "no-answer") {
      this.unanswered = content;
      this.failures += 1;
      this.show({ kind: "offline" });
      if (!this.stopped) this.schedule(retryDelay(this.failures));
      return;
    }
    this.failures = 0;
    // Signed out before it was read: the question whether an earlier try arrived stays open.
    if (answer.kind === "signed-out") {
      this.show(answer);
      return;
    }
    this.unanswered = undefined;
    if (answer.kind === "saved") {
      this.held = content;
      this.version = answer.version;
      this.page.saved(answer.version, answer.entry);
    }
    this.show(answer);
    if (answer.kind === "conflict") return;
    // What was typed meanwhile. A refused text waits until it is changed.
    if (this.page.content() !== content) this.changed();
  }

  private schedule(delayMilliseconds: number): void {
    this.forgetTimer();
    this.cancelTimer = this.clock.after(delayMilliseconds, () => {
      this.cancelTimer = undefined;
      this.start();
    });
  }

  private forgetTimer(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }

  private show(status: Status): void {
    this.current = status;
    this.page.show(status);
  }
}
