/** The recorder saves by itself while the supervisor writes, says so truly, and loses nothing without a connection. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { House } from "../lib/house.js";
import { Person } from "../lib/person.js";
import { clockOf, putForwardTo } from "../walk/clock.js";

let supervisor: Person;
const house = new House(async (house) => {
  supervisor = await Person.signIn(house.browser, house.demo, house.demo.person("supervisor"));
  await startTheNextSession();
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

/** How often words stand in what is written so far. */
async function times(person: Person, words: string): Promise<number> {
  return person.page.getByRole("listitem").filter({ has: person.page.getByText(words, { exact: true }) }).count();
}

test("whatever button follows, what was typed is there once, also after going back and reloading", async () => {
  const record = supervisor.path;
  await begin("She counted the stairs.");
  await supervisor.press("Save who came");
  assert.equal(await times(supervisor, "She counted the stairs."), 1);
  // The end says what is missing; the words are kept all the same.
  await begin("He held the door open.");
  await supervisor.press("End the session");
  await supervisor.reads("There is a problem");
  await supervisor.open(record);
  assert.equal(await times(supervisor, "He held the door open."), 1);
  await begin("They waved to the carer.");
  await supervisor.press("Save entry");
  await supervisor.back();
  await supervisor.button("Save entry").click();
  await supervisor.arrived();
  await supervisor.open(record);
  await supervisor.reload();
  for (const words of ["She counted the stairs.", "He held the door open.", "They waved to the carer."]) {
    assert.equal(await times(supervisor, words), 1, words);
  }
});

test("arrival times are kept whichever button follows", async () => {
  const first = supervisor.page.getByRole("group").filter({ has: supervisor.page.getByLabel("Arrived") }).first();
  const { minute } = await clockOf(supervisor);
  const clock = `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  await supervisor.open(supervisor.path);
  await supervisor.write("Arrived", clock, first);
  await begin("She took off her coat.");
  await supervisor.press("Save entry");
  assert.equal(await first.getByLabel("Arrived").inputValue(), clock);
  assert.equal(await times(supervisor, "She took off her coat."), 1);
});

test("a stray entry is struck out with a reason and stays readable", async () => {
  await begin("Written in the wrong record.");
  await supervisor.press("Save entry");
  const entry = supervisor.page.getByRole("listitem").filter({ hasText: "Written in the wrong record." });
  await supervisor.press(/^Strike out/, entry);
  await supervisor.write("Why is it struck out?", "It is about another child");
  await supervisor.press("Strike it out");
  await supervisor.reads("It is about another child");
  await supervisor.reads("Written in the wrong record.");
});

test("without JavaScript each word is there once too", async () => {
  const path = supervisor.path;
  const plain = await Person.signIn(house.browser, house.demo, supervisor.login, { scripted: false });
  await plain.open(path);
  const type = async (text: string): Promise<void> => {
    await plain.select("Heading", "Play");
    await plain.write("What happened", text);
  };
  await type("They looked for the cat.");
  await plain.press("Save who came");
  await type("The cat was under the chair.");
  await plain.press("Save entry");
  await plain.back();
  await plain.write("What happened", "The cat was under the chair.");
  await plain.press("Save entry");
  await plain.reload();
  for (const words of ["They looked for the cat.", "The cat was under the chair."]) {
    assert.equal(await times(plain, words), 1, words);
  }
});
