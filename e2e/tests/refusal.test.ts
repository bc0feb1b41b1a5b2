/** Contact is refused without an order: from day 1 over days 5 and 7 to the day after, and what came of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { House } from "../lib/house.js";
import { Looks } from "../lib/looks.js";
import { dayOf, Person, tick } from "../lib/person.js";
import { clockOf } from "../walk/clock.js";

let looks: Looks;
const house = new House(async (house) => {
  looks = new Looks(house.browser, "refusal", true);
});

test("a refusal of contact from day 1 to the day after day 7", async (t) => {
  const coordinator = await Person.signIn(house.browser, house.demo, house.demo.person("coordinator"), { looks });
  await coordinator.open("/children");
  await coordinator.follow(await coordinator.page.getByRole("main").getByRole("rowheader").getByRole("link").first().innerText());
  const file = coordinator.path;
  await coordinator.follow("Refuse contact for at most seven days (section 34(6))");
  const began = (await clockOf(coordinator)).day;

  await t.test("nothing is refused without reasons, and nothing typed is lost", async () => {
    await tick(coordinator.page.getByRole("group", { name: "Who is refused contact?" }).getByRole("radio").first());
    await coordinator.write("Why does the child’s welfare need it?", "You came to the last visit after drinking.");
    await coordinator.press("Refuse contact and start the seven days");
    await coordinator.reads("There is a problem");
    await coordinator.reads("Enter who decided it");
    const reasons = coordinator.field("Why does the child’s welfare need it?");
    assert.equal(await reasons.inputValue(), "You came to the last visit after drinking.");
  });

  await t.test("day 1: who is to be told, and the notices as papers", async () => {
    await coordinator.write("Who decided it?", "Maud Ferris, service manager");
    await coordinator.write("Why could it not wait for a court?", "The next visit is tomorrow.");
    await coordinator.choose("Is the child told in writing?", "Yes");
    await coordinator.write("Why, in words for the child", "It would not have been safe.");
    await coordinator.press("Refuse contact and start the seven days");
    await coordinator.reads("Day 1 of 7");
    await coordinator.reads("The independent reviewing officer");
    for (const paper of ["The notice to the person (PDF)", "The notice to the child (PDF)"]) {
      const to = await coordinator.link(paper).getAttribute("href");
      const answer = await coordinator.page.request.get(String(to));
      assert.equal((await answer.body()).subarray(0, 5).toString(), "%PDF-", paper);
    }
    await coordinator.page.getByText("Write down that a notice was given").click();
    await coordinator.choose("Who was told?", "The person who is refused contact");
    await coordinator.date("On which day?", dayOf(began));
    await coordinator.choose("How?", "By hand");
    await coordinator.press("Keep this");
    await coordinator.reads("by hand. Written down by");
  });
  const refusal = coordinator.path;

  const manager = await Person.signIn(house.browser, house.demo, house.demo.person("manager"));
  const after = async (days: number): Promise<void> => {
    while (((await clockOf(coordinator)).day.getTime() - began.getTime()) / 86_400_000 < days) {
      await coordinator.open("/demo");
      await coordinator.press("The next working day at 09:30");
    }
  };
  await t.test("day 5: the manager is warned", async () => {
    await after(4);
    await manager.isTold("A refusal of contact is in its fifth day");
  });

  await t.test("after day 7 the file says that contact is owed again, and what came of it is written down", async () => {
    await after(7);
    await manager.isTold("A refusal of contact has run out and nobody has said what came of it");
    await coordinator.open(file);
    await coordinator.reads("has run out");
    await coordinator.open(refusal);
    await coordinator.press("Say what came of it");
    await coordinator.choose("What came of it?", "Contact goes on");
    await coordinator.date("From which day does contact go on?", dayOf((await clockOf(coordinator)).day));
    await coordinator.press("Keep this");
    await coordinator.reads("Contact goes on from");
    await coordinator.open(file);
    assert.equal(await coordinator.page.getByText("has run out").count(), 0);
  });
});
