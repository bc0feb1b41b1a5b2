/** The browser: Debian's Chromium, or the one that `KITH_CHROMIUM` names. */
import { type Browser, chromium } from "playwright-core";

/** Starts it without a window, with a profile of its own, and without anything it would fetch by itself. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env["KITH_CHROMIUM"] ?? "/usr/bin/chromium",
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
