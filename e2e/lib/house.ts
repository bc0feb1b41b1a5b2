/** A browser and a demo service for the tests of one file: there before the first, gone after the last. */
import { after, before } from "node:test";
import type { Browser } from "playwright-core";
import { openBrowser } from "./browser.js";
import { Demo } from "./demo.js";

/** What is there while the tests of a file run. */
export class House {
  private opened: { browser: Browser; demo: Demo } | undefined;

  /** Opens it before the first test; `then` is what else the file needs by then. */
  constructor(then: (house: House) => Promise<void> = async () => undefined) {
    before(async () => {
      this.opened = { browser: await openBrowser(), demo: await Demo.start() };
      await then(this);
    });
    after(async () => {
      await this.opened?.browser.close();
      await this.opened?.demo.stop();
    });
  }

  /** The browser. */
  get browser(): Browser {
    return this.there().browser;
  }

  /** The service. */
  get demo(): Demo {
    return this.there().demo;
  }

  private there(): { browser: Browser; demo: Demo } {
    if (this.opened === undefined) throw new Error("nothing is there before the first test");
    return this.opened;
  }
}
