/** The recorder saves by itself while the supervisor writes, says so truly, and loses nothing without a connection. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { openBrowser } from "../lib/browser.js";
import { Demo } from "../lib/demo.js";
import { Person } from "../lib/person.js";
import { clockOf, putForwardTo } from "../walk/clock.js";

let browser: Browser;
let demo: Demo;
let supervisor: Person;
before(async () => {
  browser = await openBrowser();
  demo = await Demo.start();
  supervisor = await Person.signIn(browser, demo, demo.person("supervisor"));
  await startTheNextSession();
});
after(async () => {
  await browser.close();
  await demo.stop();
});

/** The supervisor's next session: today's first, or else one of the coming days. */
async function startTheNextSession(): Promise<void> {
  await supervisor.open("/my-day");
  const session = supervisor.link(/^\d\d:\d\d.\d\d:\d\d /, supervisor.page.getByRole("main")).first();
  while ((await session.count()) === 0) await supervisor.follow("Day after");
  const [, hours, minutes] = /^(\d\d):(\d\d)/.exec(await session.innerText()) ?? [];
  await supervisor.leave(session);
  const path = supervisor.path;
  const { day } = await clockOf(supervisor);
  await putForwardTo(supervisor, { day, minute: Number(hours) * 60 + Number(minutes) });
  await supervisor.open(path);
  await supervisor.press("Start the session");
}

/** Waits until the line beside the button says something. */
async function says(words: RegExp): Promise<void> {
  // The line itself: what is beside it for screen readers says only the first and what goes wrong.
  await supervisor.page.locator("[data-kith-save] > p:first-child").filter({ hasText: words }).waitFor();
}

/** Begins an entry; returns without waiting for it to be saved. */
async function begin(text: string): Promise<void> {
  await supervisor.select("Heading", "Play");
  await supervisor.choose("How do you know?", "I saw it");
  await supervisor.field("What happened").pressSequentially(text);
}

test("what is typed is saved without being asked, and outlives the tab", async () => {
  await begin("They built a tower of blocks.");
  await says(/^Saved \d\d:\d\d$/);
  const record = supervisor.path;
  const another = await supervisor.anotherTab();
  await supervisor.page.close();
  supervisor = another;
  await supervisor.open(record);
  await supervisor.reads("They built a tower of blocks.");
});

test("one press of the button saves what autosave has not saved yet", async () => {
  await begin("He laughed when it fell.");
  await supervisor.press("Save entry");
  await supervisor.reads("He laughed when it fell.");
  assert.equal(await supervisor.field("What happened").inputValue(), "");
});

test("without a connection it says so, goes on, and saves once there is one", async () => {
  await begin("She asked for a story.");
  await says(/^Saved/);
  await supervisor.context.setOffline(true);
  await supervisor.field("What happened").pressSequentially(" They read it twice.");
  await says(/^Not saved yet – no connection/);
  await supervisor.field("What happened").pressSequentially(" Then it was time.");
  await supervisor.context.setOffline(false);
  await says(/^Saved/);
  await supervisor.open(supervisor.path);
  await supervisor.reads("She asked for a story. They read it twice. Then it was time.");
});

test("pressing the button without a connection loses nothing", async () => {
  await begin("He drew a boat.");
  await supervisor.context.setOffline(true);
  await supervisor.button("Save entry").click();
  await says(/^Not saved yet – no connection/);
  assert.equal(await supervisor.field("What happened").inputValue(), "He drew a boat.");
  await supervisor.context.setOffline(false);
  await says(/^Saved/);
  await supervisor.open(supervisor.path);
  await supervisor.reads("He drew a boat.");
});

test("signed out in another tab, it says so, and saves after signing in again", async () => {
  await begin("He waved from the door.");
  const another = await supervisor.anotherTab();
  await another.open("/");
  await another.press("Sign out");
  await supervisor.field("What happened").pressSequentially(" Twice.");
  await says(/^Not saved – you have been signed out/);
  await another.giveCredentials();
  assert.equal(another.path, "/");
  await another.page.close();
  await supervisor.button("Try again").click();
  await says(/^Saved/);
  await supervisor.open(supervisor.path);
  await supervisor.reads("He waved from the door. Twice.");
});
