/**
 * `body[data-idle-minutes]`: two minutes before the service would sign the
 * person out, a banner says so and offers to keep working (WCAG 2.2, 2.2.1).
 * Time counts from the last answer of the service, in this tab or another.
 */
import { browserClock, type Clock } from "./clock";
import { ALIVE_EVENT, announceAlive, freshToken, setToken, tokenOf } from "./connection";

/** How long before the limit the warning comes. */
export const WARN_BEFORE_MILLISECONDS = 120_000;

/** Where the person stands against the idle limit. */
export type Idle = "working" | "warned" | "over";

/** How long before its end a limit is warned of: two minutes, or half of a limit under four. */
export function warnBefore(limitMs: number): number {
  return Math.min(WARN_BEFORE_MILLISECONDS, limitMs / 2);
}

/** A duration as it is said: "2 minutes", "30 seconds". */
export function inWords(durationMs: number): string {
  const seconds = Math.round(durationMs / 1000);
  const [count, unit] = seconds % 60 === 0 ? [seconds / 60, "minute"] : [seconds, "second"];
  return `${String(count)} ${unit}${count === 1 ? "" : "s"}`;
}

/** The state at `nowMs`, given when the service last answered, and when to look again (undefined: no need). */
export function idleAt(nowMs: number, lastAliveMs: number, limitMs: number): { state: Idle; againInMs: number | undefined } {
  const over = lastAliveMs + limitMs;
  const warn = over - warnBefore(limitMs);
  if (nowMs >= over) return { state: "over", againInMs: undefined };
  if (nowMs >= warn) return { state: "warned", againInMs: over - nowMs };
  return { state: "working", againInMs: warn - nowMs };
}

/** Watches the idle limit and reports each change of state. */
export class IdleWatch {
  private readonly clock: Clock;
  private readonly limitMs: number;
  private readonly show: (state: Idle) => void;
  private lastAlive: number;
  private shown: Idle = "working";
  private cancelTimer: (() => void) | undefined;

  constructor(clock: Clock, limitMs: number, show: (state: Idle) => void) {
    this.clock = clock;
    this.limitMs = limitMs;
    this.show = show;
    this.lastAlive = clock.now();
    this.look();
  }

  /** The state last shown. */
  get state(): Idle {
    return this.shown;
  }

  /** The service has answered. */
  alive(): void {
    this.lastAlive = this.clock.now();
    this.look();
  }

  /** The service has said that the person is signed out. */
  signedOut(): void {
    this.lastAlive = this.clock.now() - this.limitMs;
    this.look();
  }

  /** Looks at the clock: timers stand still while a laptop sleeps. */
  look(): void {
    this.cancelTimer?.();
    const { state, againInMs } = idleAt(this.clock.now(), this.lastAlive, this.limitMs);
    this.cancelTimer =
      againInMs === undefined
        ? undefined
        : this.clock.after(againInMs, () => {
            this.look();
          });
    if (state === this.shown) return;
    this.shown = state;
    this.show(state);
  }
}

/** Starts the watch if the page has an idle limit. */
export function startIdle(): void {
  const minutes = Number(document.body.dataset["idleMinutes"]);
  if (!(minutes > 0)) return;
  const limitMs = minutes * 60_000;
  const banner = makeBanner(minutes);
  const watch = new IdleWatch(browserClock, limitMs, (state) => {
    banner.show(state);
  });

  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("kith-alive") : undefined;
  // This page is itself an answer of the service: other tabs may go on as well.
  tabs?.postMessage("alive");
  tabs?.addEventListener("message", () => {
    if (watch.state !== "over") {
      watch.alive();
      return;
    }
    // Signed in again in another tab: what stands in this one can be sent with the new token.
    void freshToken().then((token) => {
      if (token === undefined) return;
      setToken(token);
      watch.alive();
    });
  });
  document.addEventListener(ALIVE_EVENT, () => {
    watch.alive();
    tabs?.postMessage("alive");
  });
  document.addEventListener("visibilitychange", () => {
    watch.look();
  });
  banner.onKeepWorking(() => {
    void ping().then((answer) => {
      if (answer === "alive") announceAlive();
      else if (answer === "signed-out") watch.signedOut();
      else banner.noConnection();
    });
  });
}

async function ping(): Promise<"alive" | "signed-out" | "no-answer"> {
  try {
    const response = await fetch(document.body.dataset["aliveUrl"] ?? "/alive", {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams({ csrf: tokenOf(document) ?? "" }),
      credentials: "same-origin",
      redirect: "manual",
    });
    if (response.ok) return "alive";
    return response.status >= 500 ? "no-answer" : "signed-out";
  } catch {
    return "no-answer";
  }
}

function makeBanner(minutes: number): {
  show(state: Idle): void;
  noConnection(): void;
  onKeepWorking(action: () => void): void;
} {
  const banner = document.createElement("div");
  banner.className = "kith-banner kith-banner--idle";
  banner.hidden = true;
  const inner = document.createElement("div");
  inner.className = "kith-banner__inner govuk-width-container";
  const text = document.createElement("p");
  text.className = "kith-banner__text";
  text.setAttribute("role", "alert");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "govuk-button";
  button.textContent = "Keep working";
  inner.append(text, button);
  banner.append(inner);
  document.body.prepend(banner);
  const left = inWords(warnBefore(minutes * 60_000));
  return {
    show(state) {
      banner.hidden = state === "working";
      button.hidden = state !== "warned";
      text.textContent =
        state === "working"
          ? ""
          : state === "warned"
            ? `You will be signed out in ${left}, because nothing has been sent for a while.`
            : "You have been signed out. What you typed is still on this page: sign in again in a new tab before you send it.";
    },
    noConnection() {
      text.textContent = "No connection: the service could not be reached. Press Keep working to try again.";
    },
    onKeepWorking(action) {
      button.addEventListener("click", action);
    },
  };
}
