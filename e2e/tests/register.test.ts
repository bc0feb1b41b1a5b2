/** A version of the register: written by the data protection officer, approved by a manager, read by everybody in the notice. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { House } from "../lib/house.js";
import { Looks } from "../lib/looks.js";
import { dayOf, Person } from "../lib/person.js";
import { clockOf } from "../walk/clock.js";

const LONG_RULE =
  "75 years from the date of birth of the child, and for as long after that as an inquiry, a claim or a request of the child about " +
  "what is held of them has not come to its end";
const LONG_NAME = "Quayside Printing, Posting and Document Services of the Three Rivers (North) Limited";

let looks: Looks;
const house = new House(async (house) => {
  looks = new Looks(house.browser, "register", true);
});

test("one writes, another approves, and everybody reads it", async (t) => {
  const officer = await Person.signIn(house.browser, house.demo, house.demo.person("data protection"), { looks });
  const manager = await Person.signIn(house.browser, house.demo, house.demo.person("manager"), { looks });

  await t.test("a draft is changed part by part: a reason of retention, a recipient", async () => {
    await officer.open("/register");
    await officer.follow("All versions");
    await officer.press("Begin a version");
    await officer.reads("The draft is begun");
    await officer.reads("It says the same as version 1");
    await officer.follow("Retention", officer.page.getByRole("main"));
    await officer.follow("All records relating to the creation and maintenance of care plans for looked after children");
    await officer.write("How long they are kept", "");
    await officer.press("Save in the draft");
    await officer.reads("Enter how long they are kept");
    await officer.write("How long they are kept", LONG_RULE);
    await officer.press("Save in the draft");
    await officer.reads("Saved");
    await officer.reads(LONG_RULE);
    await officer.follow("Back");
    await officer.follow("With whom data may be shared");
    const partners = officer.page.getByLabel("Kinds of organisation outside the council, under an agreement");
    await officer.write(
      "Kinds of organisation outside the council, under an agreement",
      `${await partners.inputValue()}\nFostering agencies`,
    );
    await officer.press("Save in the draft");
    await officer.reads("Fostering agencies");
  });

  await t.test("a processor is put in, and one taken out; nothing typed is lost", async () => {
    await officer.follow("Processors");
    await officer.press("Put in a processor");
    await officer.write("The processor", LONG_NAME);
    await officer.write("What they do", "Prints letters to families and sends them");
    await officer.write("Where the data is", "United Kingdom");
    await officer.press("Save in the draft");
    await officer.reads("Enter the contract");
    assert.equal(await officer.page.getByLabel("The processor").inputValue(), LONG_NAME);
    await officer.write("The contract", "CT-2026-207, from 1 January 2027");
    await officer.press("Save in the draft");
    await officer.reads(LONG_NAME);
    await officer.follow("Nene Valley Mail");
    await officer.follow("Take it out");
    await officer.reads("Carries the messages that tell staff to look");
    await officer.press("Take it out of the draft");
    await officer.reads("Taken out of the draft");
    await officer.follow("Back");
    await officer.follow("Closed days");
    await officer.reads("Sundays and the bank holidays of England and Wales alone.");
    await officer.follow("Back");
  });

  await t.test("every other part is looked at, with what each row asks", async () => {
    const draft = officer.path;
    for (const [part, row] of [
      ["Authority"], ["Addresses and contacts"], ["The public notice"], ["Areas", "North Nenedale"],
      ["Purposes and legal bases", "Service planning and research"], ["What is held, and what for", "Where the child lives: pets where the child lives"],
      ["Security measures", "Staff are trained in data protection before they get an account, and every year"],
      ["Opening hours"], ["School terms", "1 September 2025"], ["Settings"],
    ]) {
      await officer.open(draft);
      await officer.follow(part ?? "", officer.page.getByRole("main"));
      if (row !== undefined) await officer.follow(row);
    }
    await officer.open(draft);
  });

  await t.test("who wants the whole text has it, and what is wrong is said with its line", async () => {
    await officer.follow("Change the whole text");
    const text = await officer.page.getByLabel("The register").inputValue();
    assert.match(text, /# How long, as in the public notice\./, "the remarks are still there");
    await officer.write("The register", text.replace("sign_within_hours = 24", "sign_within_hours = 0"));
    await officer.press("Save the draft");
    await officer.reads("sign_within_hours must be between 1 and 336");
    await officer.write("The register", text);
    await officer.press("Save the draft");
    await officer.reads("What it changes");
  });
  const version = officer.path;

  await t.test("it is proposed with a day and why", async () => {
    await officer.date("From which day is it to be in force?", dayOf((await clockOf(officer)).day));
    await officer.press("Send it to the managers");
    await officer.reads("Enter why it is needed");
    await officer.write("Why is it needed?", "Agencies take part in the care of some children.");
    await officer.press("Send it to the managers");
    await officer.reads("Waits for approval");
    assert.equal(await officer.page.getByRole("button", { name: "Keep this decision" }).count(), 0);
  });

  await t.test("a manager approves it with the password, and the notice says it", async () => {
    await manager.open(version);
    await manager.reads(LONG_RULE);
    await manager.reads("CT-2026-207, from 1 January 2027");
    await manager.choose("What do you decide?", "Approve");
    await manager.write("Why?", "The agreements with the agencies are signed.");
    await manager.press("Keep this decision");
    await manager.confirm();
    await manager.reads("Your decision has been kept");
    await manager.reads("In force");
    await manager.open("/privacy");
    await manager.reads("Fostering agencies");
    await manager.reads(LONG_RULE);
    await manager.open("/register");
    await manager.reads(LONG_NAME);
    await officer.open("/register/versions");
    await officer.reads("No longer in force");
  });
});
