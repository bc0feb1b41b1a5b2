/** A social worker leaves: who takes her files, what each of them sees, and what the past says. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { House } from "../lib/house.js";
import { Looks } from "../lib/looks.js";
import { type Day, dayOf, Person } from "../lib/person.js";
import { clockOf } from "../walk/clock.js";

let looks: Looks;
const house = new House(async (house) => {
  looks = new Looks(house.browser, "leaving", true);
});

test("a social worker who leaves: her files are another’s, she gets nothing any more, and the past says who it was", async (t) => {
  const [leaver, taker] = [house.demo.person("social worker"), house.demo.person("social worker", 1)];
  const worker = await Person.signIn(house.browser, house.demo, leaver);
  await worker.open("/children");
  const hers = worker.page.getByRole("main").getByRole("rowheader").getByRole("link");
  const child = await hers.first().innerText();
  await worker.follow(child);
  const file = worker.path;

  // She is on leave first: somebody covers for a few days.
  const manager = await Person.signIn(house.browser, house.demo, house.demo.person("manager"), { looks });
  await manager.open("/workers");
  const card = manager.page.locator(".kith-card").filter({ hasText: leaver.name }).first();
  await manager.follow(/^Somebody covers for a time/, card);
  await manager.select("Who covers?", taker.name);
  await manager.date("Last day", await tomorrow(manager));
  await manager.write("Why?", "Leave before the last day of work");
  await manager.press("Let them cover");
  await manager.reads(`${taker.name} covers`);
  const next = await Person.signIn(house.browser, house.demo, taker);
  await next.open(file);
  assert.equal(await next.heading(), child);

  const administrator = await Person.signIn(house.browser, house.demo, house.demo.person("administrator"), { looks });
  await administrator.open("/admin/accounts");
  await administrator.follow(leaver.name);
  await administrator.follow("Close this account");
  await administrator.reads("Files:");
  await administrator.select("Who takes the files?", `${taker.name}, social worker`);
  await administrator.press("Close the account");
  await administrator.confirm();
  await administrator.reads("Closed");

  await worker.open(file);
  assert.equal(worker.path, "/sign-in", "signed out at once");
  await worker.giveCredentials();
  assert.equal(worker.path, "/sign-in", "and never in again");

  await next.open("/");
  await next.reads("A child’s file has been given to you");
  await next.open("/children");
  await next.follow(child);
  assert.equal(next.path, file);
  await next.reads(taker.name);

  await manager.open(`${file}/worker`);
  await manager.reads(leaver.name);
  await manager.reads("The social worker has left");
  for (const line of looks.list()) t.diagnostic(line);
});

/** The day after the demo's today. */
async function tomorrow(person: Person): Promise<Day> {
  const day = new Date((await clockOf(person)).day.getTime() + 86_400_000);
  return dayOf(day);
}
