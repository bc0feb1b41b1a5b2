/** Nothing that was typed is lost, and nothing is done twice, whatever happens to the tab. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { House } from "../lib/house.js";
import { Person } from "../lib/person.js";
import * as referral from "../walk/referral.js";

const RISKS = "Risks and emergency contact";
const CONCERNS = "Concerns past and present";
const LEAVE_AS_IT_IS = "Save as it is and come back later";

let worker: Person;
const house = new House(async (house) => {
  worker = await Person.signIn(house.browser, house.demo, house.demo.person("social worker"));
});

test("a tab that was signed out gives back what was typed in it", async () => {
  const path = await referral.begin(worker);
  await worker.open(path);
  await worker.follow(RISKS);
  const words = "He asked twice whether “she” is coming.\n\nThen he drew a house & a dog.";
  await worker.write(CONCERNS, words);

  const another = await worker.anotherTab();
  await another.open("/");
  await another.press("Sign out");
  await another.page.close();

  await worker.press(LEAVE_AS_IT_IS);
  await worker.reads("What you typed is kept");
  await worker.giveCredentials();
  assert.equal(await worker.heading(), "You are signed in again");
  await worker.reads("Then he drew a house & a dog.");
  await worker.press("Save what I typed");
  assert.equal(worker.path, path);
  await worker.follow(RISKS);
  assert.equal(await worker.field(CONCERNS).inputValue(), words);
});

test("two tabs on one section: the second sees both texts and loses neither", async () => {
  await worker.open(await referral.begin(worker));
  await worker.follow(RISKS);
  const second = await worker.anotherTab();
  await second.open(worker.path);
  await worker.write(CONCERNS, "From the first tab");
  await worker.press(LEAVE_AS_IT_IS);
  await second.write(CONCERNS, "From the second tab");
  await second.press(LEAVE_AS_IT_IS);
  await second.reads("Somebody else saved this page while you were writing");
  await second.reads("From the first tab");
  assert.equal(await second.field(CONCERNS).inputValue(), "From the second tab");
  await second.press(LEAVE_AS_IT_IS);
  await second.follow(RISKS);
  assert.equal(await second.field(CONCERNS).inputValue(), "From the second tab");
  await second.page.close();
});

test("an error leaves what was typed where it was", async () => {
  await referral.begin(worker);
  await worker.write("First names", "Siân");
  await worker.date("Date of birth", [31, 2, 2019]);
  await worker.press("Save and continue");
  await worker.reads("There is a problem");
  assert.match(await worker.page.title(), /^Error: /);
  assert.equal(await worker.field("First names").inputValue(), "Siân");
  assert.equal(await worker.field("Day").first().inputValue(), "31");
  // The summary has the focus, and its first line leads to the field.
  await worker.page.getByRole("alert").waitFor();
  await worker.link(/that month has 28 days/).click();
  assert.equal(await worker.page.evaluate("document.activeElement.name"), "dob-day");
});

test("a double click makes one referral", async () => {
  // Without the script nothing in the house.browser stops the second click.
  const login = house.demo.person("social worker", 1);
  const plain = await Person.signIn(house.browser, house.demo, login, { scripted: false });
  const drafts = async (): Promise<number> => {
    await plain.open("/referrals");
    return plain.page.getByRole("main").getByRole("rowheader").count();
  };
  const before = await drafts();
  await plain.open("/referrals/new");
  await plain.button("Start").dblclick();
  await plain.at(/\/referrals\/[0-9a-f-]{36}\/sections\/child$/);
  assert.equal(await drafts(), before + 1);
  await plain.close();
});

test("going back after sending shows what became of it, and does not send it again", async () => {
  const path = await referral.begin(worker);
  await referral.write(worker);
  await referral.send(worker);
  assert.equal(worker.path, path);
  await worker.back();
  assert.equal(worker.path, `${path}/answers`);
  await worker.reads("Submitted");
  assert.equal(await worker.button("Send the referral").count(), 0);
});

test("going back after saving a section shows it as saved, ready to be changed", async () => {
  await worker.open(await referral.begin(worker));
  await worker.follow(RISKS);
  await worker.write(CONCERNS, "First thought");
  await worker.press(LEAVE_AS_IT_IS);
  await worker.back();
  assert.equal(await worker.field(CONCERNS).inputValue(), "First thought");
  await worker.write(CONCERNS, "Second thought");
  await worker.press(LEAVE_AS_IT_IS);
  await worker.follow(RISKS);
  assert.equal(await worker.field(CONCERNS).inputValue(), "Second thought");
});
