/** A version of the register: written by the data protection officer, approved by a manager, read by everybody in the notice. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { House } from "../lib/house.js";
import { Looks } from "../lib/looks.js";
import { dayOf, Person } from "../lib/person.js";
import { clockOf } from "../walk/clock.js";

let looks: Looks;
const house = new House(async (house) => {
  looks = new Looks(house.browser, "register", true);
});

test("one writes, another approves, and everybody reads it", async (t) => {
  const officer = await Person.signIn(house.browser, house.demo, house.demo.person("data protection"), { looks });
  const manager = await Person.signIn(house.browser, house.demo, house.demo.person("manager"), { looks });

  await t.test("what is wrong is said with its line, and nothing typed is lost", async () => {
    await officer.open("/register");
    await officer.follow("All versions");
    await officer.press("Write a version");
    const text = await officer.page.getByLabel("The register").inputValue();
    await officer.write("The register", text.replace("sign_within_hours = 24", "sign_within_hours = 0"));
    await officer.press("Save the draft");
    await officer.reads("sign_within_hours must be between 1 and 336");
    const more = text.replace('partners = ["NHS", ', 'partners = ["NHS", "Fostering agencies", ');
    assert.notEqual(more, text);
    await officer.write("The register", more);
    await officer.press("Save the draft");
    await officer.reads("What it changes");
    await officer.reads("Fostering agencies");
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
    await manager.choose("What do you decide?", "Approve");
    await manager.write("Why?", "The agreements with the agencies are signed.");
    await manager.press("Keep this decision");
    await manager.confirm();
    await manager.reads("Your decision has been kept");
    await manager.reads("In force");
    await manager.open("/privacy");
    await manager.reads("Fostering agencies");
    await officer.open("/register/versions");
    await officer.reads("No longer in force");
  });
});
