/** A person at a browser of their own, who finds things as people do: by what they are and what they are called. */
import assert from "node:assert/strict";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import type { Demo, Login } from "./demo.js";
import type { Looks } from "./looks.js";

/** Nothing that a person waits for takes longer; a debug build on a machine that builds others at the same time included. */
const PATIENCE_MILLISECONDS = 60_000;

/** More navigations than this do not take each other's place. */
const NAVIGATIONS_MAX = 4;
/** What is said of a navigation that another took the place of. */
const REPLACED = /ERR_ABORTED|interrupted by another navigation/;

/** What a person does at a browser. */
export interface Habits {
  /** Whether the browser runs scripts [yes]. */
  scripted?: boolean;
  /** Looks at every page that the person gets to. */
  looks?: Looks;
}

/** Day, month, year. */
export type Day = readonly [day: number, month: number, year: number];

/** A day (midnight UTC stands for it) as the three boxes of a date take it. */
export const dayOf = (day: Date): Day => [day.getUTCDate(), day.getUTCMonth() + 1, day.getUTCFullYear()];

/** Looks at a page until Kith has done its work: a second or two, later when busy. */
const LOOKS_MAX = 200;

/** Marks a box or a dot. When the page moved under the pointer the click went elsewhere: then again, as anybody would. */
export async function tick(target: Locator): Promise<void> {
  try {
    await target.check();
  } catch (error) {
    if (!String(error).includes("did not change its state")) throw error;
    await target.check();
  }
}

export class Person {
  private constructor(
    readonly demo: Demo,
    readonly login: Login,
    readonly context: BrowserContext,
    readonly page: Page,
    private readonly looks: Looks | undefined,
  ) {}

  /** Opens a browser for somebody and signs them in. */
  static async signIn(browser: Browser, demo: Demo, login: Login, habits: Habits = {}): Promise<Person> {
    const person = await Person.arrive(browser, demo, login, habits);
    await person.open("/sign-in");
    await person.giveCredentials();
    assert.equal(person.path, "/", `${login.name} could not sign in`);
    return person;
  }

  /** Opens a browser for somebody who is not signed in. */
  static async arrive(browser: Browser, demo: Demo, login: Login, habits: Habits = {}): Promise<Person> {
    const context = await browser.newContext({
      baseURL: demo.origin,
      viewport: { width: 1280, height: 900 },
      javaScriptEnabled: habits.scripted ?? true,
      locale: "en-GB",
    });
    context.setDefaultTimeout(PATIENCE_MILLISECONDS);
    return new Person(demo, login, context, await context.newPage(), habits.looks);
  }

  /** Another tab of the same browser. */
  async anotherTab(): Promise<Person> {
    return new Person(this.demo, this.login, this.context, await this.context.newPage(), this.looks);
  }

  /** Fills in the sign-in page and sends it. */
  async giveCredentials(): Promise<void> {
    await this.write("Sign-in name", this.login.login);
    await this.write("Password", this.login.password);
    await this.write("Code", await this.login.authenticator.code());
    await this.press("Sign in");
  }

  /** Gives the password again, where the administration of accounts asks for it. */
  async confirm(): Promise<void> {
    await this.reads("Nothing has been done yet");
    await this.write("Your password", this.login.password);
    await this.press("Go on");
  }

  /** Goes to an address. */
  async open(path: string): Promise<void> {
    await this.despiteAnother(() => this.page.goto(path));
    await this.arrived();
  }

  /** Loads the page again. */
  async reload(): Promise<void> {
    await this.despiteAnother(() => this.page.reload());
    await this.arrived();
  }

  /** Goes back; where another page takes the place of the one that is gone back to, that one is waited for. */
  async back(): Promise<void> {
    await this.page.goBack().catch((error: unknown) => {
      if (!REPLACED.test(String(error))) throw error;
    });
    await this.arrived();
  }

  /** Waits until the address is one of these, and the page is whole. */
  async at(address: string | RegExp): Promise<void> {
    await this.despiteAnother(() => this.page.waitForURL(address));
    await this.arrived();
  }

  /**
   * A second click sends the browser off again while the first is on its way; the wait for the first then ends in an
   * error although nothing is wrong. The same wait is begun again, for the one that took its place.
   */
  private async despiteAnother<T>(wait: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await wait();
      } catch (error) {
        if (tries === NAVIGATIONS_MAX || !REPLACED.test(String(error))) throw error;
      }
    }
  }

  /** Presses a button and waits for the page it leads to. */
  async press(name: string | RegExp, within?: Locator): Promise<void> {
    await this.leave(this.button(name, within));
  }

  /** Follows a link to its page. */
  async follow(name: string | RegExp, within?: Locator): Promise<void> {
    await this.leave(this.link(name, within));
  }

  /** Does something that leads to another page, and waits for it. */
  async leave(what: Locator): Promise<void> {
    const elsewhere = this.page.waitForEvent("framenavigated");
    // Should the click fail, its reason is the one to report.
    elsewhere.catch(() => undefined);
    await what.click();
    await elsewhere;
    await this.arrived();
  }

  /** Presses a key that leads to another page, or to another part of this one, and waits for it. */
  async key(key: string): Promise<void> {
    const elsewhere = this.page.waitForEvent("framenavigated");
    await this.page.keyboard.press(key);
    await elsewhere;
    await this.arrived();
  }

  /** Waits until the page is whole, and looks at it. */
  async arrived(): Promise<void> {
    await this.page.waitForLoadState("load");
    await this.looks?.at(this.page);
  }

  button(name: string | RegExp, within: Locator | Page = this.page): Locator {
    return within.getByRole("button", exactly(name));
  }

  link(name: string | RegExp, within: Locator | Page = this.page): Locator {
    return within.getByRole("link", exactly(name));
  }

  /** A field by its label. */
  field(label: string | RegExp, within: Locator | Page = this.page): Locator {
    return typeof label === "string" ? within.getByLabel(label, { exact: true }) : within.getByLabel(label);
  }

  /** Writes into a field in the place of what stands there. */
  async write(label: string | RegExp, text: string, within?: Locator): Promise<void> {
    await this.field(label, within).fill(text);
  }

  /** Selects from a drop-down list by the words shown. */
  async select(label: string | RegExp, words: string, within?: Locator): Promise<void> {
    await this.field(label, within).selectOption({ label: words });
  }

  /** Chooses one of a question's answers, or ticks one of its boxes; its own stand before those of what it opens. */
  async choose(question: string | RegExp, answer: string | RegExp, within: Locator | Page = this.page): Promise<void> {
    const group = within.getByRole("group", exactly(question));
    await tick(this.field(answer, group).first());
  }

  /** Fills in the three boxes of a date. */
  async date(question: string, [day, month, year]: Day, within: Locator | Page = this.page): Promise<void> {
    const group = within.getByRole("group", exactly(question));
    await this.write("Day", String(day), group);
    await this.write("Month", String(month), group);
    await this.write("Year", String(year), group);
  }

  /** The page's one main heading. */
  async heading(): Promise<string> {
    return (await this.page.getByRole("heading", { level: 1 }).innerText()).trim();
  }

  /** Whether the page says something, in text that is shown. */
  async reads(words: string | RegExp): Promise<void> {
    const text = (await this.page.getByRole("main").innerText()).replaceAll(/\s+/g, " ");
    const there = typeof words === "string" ? text.includes(words) : words.test(text);
    assert.ok(there, `${new URL(this.page.url()).pathname} does not say ${String(words)}:\n${text}`);
  }

  /**
   * Looks at the home page until it says something that Kith tells by itself: a second or two after its time, later when busy. What is
   * older than the newest few stands behind "older", and is told too.
   */
  async isTold(words: string): Promise<void> {
    await this.until("/", async (main) => (await main.textContent()) ?? "", [words]);
  }

  /** Looks at a page until it says all of this in text that is shown: what waits is done in a second or two. */
  async comesToRead(path: string, ...words: string[]): Promise<void> {
    await this.until(path, async (main) => main.innerText(), words);
  }

  private async until(path: string, read: (main: Locator) => Promise<string>, words: string[]): Promise<void> {
    for (let looked = 0; looked < LOOKS_MAX; looked += 1) {
      await this.open(path);
      const text = await read(this.page.getByRole("main"));
      if (words.every((some) => text.includes(some))) return;
    }
    assert.fail(`${path} does not come to say: ${words.join(", ")}`);
  }

  /** Who this is and what they see, to understand a failure by. Everyone in the demo is invented. */
  async describe(): Promise<string> {
    const text = await this.page.getByRole("main").innerText().catch(() => "nothing");
    return `${this.login.name} (${this.login.role}) sees ${this.path}:\n${text}`;
  }

  /** The path of the page. */
  get path(): string {
    return new URL(this.page.url()).pathname;
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}

function exactly(name: string | RegExp): { name: string | RegExp; exact?: boolean } {
  return typeof name === "string" ? { name, exact: true } : { name };
}
