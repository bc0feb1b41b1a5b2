/** Figures for planning: asked by a manager, approved by the data protection officer, counted, and gone when their day is past. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { House } from "../lib/house.js";
import { Looks } from "../lib/looks.js";
import { dayOf, Person } from "../lib/person.js";
import { clockOf, putForwardTo } from "../walk/clock.js";

let looks: Looks;
const house = new House(async (house) => {
  looks = new Looks(house.browser, "research", true);
});

test("figures are asked, decided, counted and gone", async (t) => {
  const officer = await Person.signIn(house.browser, house.demo, house.demo.person("data protection"), { looks });
  const manager = await Person.signIn(house.browser, house.demo, house.demo.person("manager"), { looks });
  const today = (await clockOf(manager)).day;
  const first = new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - 3, 1));
  const last = new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), 0));

  await t.test("the officer decides what a manager asked, and it is counted", async () => {
    await officer.open("/research");
    await officer.follow("Evening sessions, by area");
    await officer.reads("Waits for a decision");
    await officer.press("Keep this decision");
    await officer.confirm();
    await officer.reads("Select what you decide");
    await officer.choose("What do you decide?", "Approve");
    await officer.write("Why?", "Rooms cannot be planned without it, and nobody can be told from it");
    await officer.press("Keep this decision");
    await officer.reads("Your decision has been kept");
    await officer.comesToRead(officer.path, "What was counted");
    await officer.reads("12:00 to 14:59");
  });

  await t.test("a manager asks for lines, and is told field by field what cannot be", async () => {
    await manager.open("/");
    await manager.follow("Planning and research", manager.page.getByRole("main"));
    await manager.press("Ask for figures");
    await manager.press("Ask for it");
    await manager.reads("Enter a name for it");
    await manager.write("What is it called?", "How old the children are who come");
    await manager.choose("What is it for?", "Planning the service");
    await manager.write("What is to be found out?", "Which toys and chairs are needed.");
    await manager.write("Who will work with it, and where is it kept?", "The managers");
    await manager.choose("What is to be made?", "A line for each child, under a pseudonym");
    await manager.select("What is wanted most about each child?", "Age on the last day");
    await manager.select("What comes second?", "Age on the last day");
    await manager.date("First day", dayOf(new Date(first.getTime() + 86_400_000)));
    await manager.date("Last day", dayOf(last));
    await manager.date("Until which day is it needed?", dayOf(today));
    await manager.press("Ask for it");
    await manager.reads("is chosen already");
    await manager.reads("First day must be the first of a month");
    assert.equal(await manager.page.getByLabel("What is it called?").inputValue(), "How old the children are who come");
    await manager.select("What comes second?", "Sex");
    await manager.date("First day", dayOf(first));
    await manager.press("Ask for it");
    await manager.reads("Waits for a decision");
    assert.equal(await manager.page.getByRole("button", { name: "Keep this decision" }).count(), 0, "nobody decides their own");
  });
  const request = manager.path;

  await t.test("it is counted, taken as a table, and gone the day after", async () => {
    await officer.open(request);
    await officer.choose("What do you decide?", "Approve");
    await officer.write("Why?", "Bands of age, and nobody alone");
    await officer.press("Keep this decision");
    await manager.comesToRead(request, "What was counted");
    const answer = await manager.page.request.get(`${request}/extract.csv`);
    // Nobody had a session in those months of the demo, or too few are alike: then there is no table, and it is said.
    assert.ok((await answer.text()).startsWith('"Pseudonym","Age on the last day","Sex"'));
    await putForwardTo(manager, { day: new Date(today.getTime() + 86_400_000), minute: 0 });
    await manager.comesToRead(request, "Gone since");
    const gone = await manager.page.request.get(`${request}/extract.csv`);
    assert.equal(gone.status(), 404);
  });
  await officer.close();
  await manager.close();
});
