/** An order that says one thing for term time and another for the holidays, and what is counted against it. */
import { test } from "node:test";
import { House } from "../lib/house.js";
import { Looks } from "../lib/looks.js";
import { dayOf, Person, tick } from "../lib/person.js";
import { clockOf } from "../walk/clock.js";

let looks: Looks;
const house = new House(async (house) => {
  looks = new Looks(house.browser, "terms", true);
});

test("an order with a term for school time and one for the holidays", async () => {
  const coordinator = await Person.signIn(house.browser, house.demo, house.demo.person("coordinator"), { looks });
  await coordinator.open("/children");
  await coordinator.leave(coordinator.page.getByRole("main").getByRole("rowheader").getByRole("link").first());
  await coordinator.press("Write down an order");
  const today = (await clockOf(coordinator)).day;
  const made = dayOf(today);
  await coordinator.write("Name of the court", "Family Court at Nenebridge");
  await coordinator.write("Case number", "NB26C00512");
  await coordinator.date("When was it made?", made);
  await coordinator.press("Put the order on the file");
  const order = coordinator.path;
  await coordinator.reads("No terms are set out");

  for (const [count, per, when] of [
    ["1", "week", "In school term time"],
    ["3", "week", "In the school holidays"],
  ] as const) {
    await coordinator.open(order);
    await coordinator.press("Add a term");
    await tick(coordinator.page.getByRole("group", { name: "Who is the child to see?" }).getByRole("checkbox").first());
    await coordinator.choose("How strictly is the number meant?", "at least");
    await coordinator.write("How many times?", count);
    await coordinator.select("In each", per);
    await coordinator.write("How long each time, in minutes?", "60");
    await coordinator.choose("How does contact take place?", "In person");
    await coordinator.choose("When in the year?", when);
    await coordinator.press("Save the term");
  }
  await coordinator.reads("at least once a week, 60 minutes each, in school term time");
  await coordinator.reads("at least 3 times a week, 60 minutes each, in the school holidays");
});
