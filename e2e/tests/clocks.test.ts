/** What is running out, on the page of whom it concerns; and what was told is put away. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { House } from "../lib/house.js";
import { Looks } from "../lib/looks.js";
import { Person } from "../lib/person.js";
import { clockOf, putForwardTo } from "../walk/clock.js";

let looks: Looks;
const house = new House(async (house) => {
  looks = new Looks(house.browser, "clocks", true);
});

test("a referral that nobody verified is overdue on the coordinator’s page, by name and in words", async () => {
  const coordinator = await Person.signIn(house.browser, house.demo, house.demo.person("coordinator"), { looks });
  const now = await clockOf(coordinator);
  const later = new Date(now.day);
  later.setUTCDate(later.getUTCDate() + 4);
  await putForwardTo(coordinator, { day: later, minute: 9 * 60 + 30 });
  await coordinator.open("/");
  const table = coordinator.page.getByRole("table", { name: "What is running out" });
  const row = table.getByRole("row").filter({ hasText: "Referral to verify" }).first();
  assert.match(await row.innerText(), /Overdue by \d+ day/);
  const words = await row.getByRole("link").innerText();
  await coordinator.follow(words);
  assert.match(coordinator.path, /^\/referrals\//);

  await coordinator.open("/clocks");
  await coordinator.reads("What harms a child most when it runs out stands first.");
  await coordinator.follow(/^Referral to verify \(\d+\)$/);
  assert.equal(await coordinator.page.getByRole("row").filter({ hasText: "Review of the plan" }).count(), 0);

  await coordinator.isTold("A referral has not been verified in time");
  const put = coordinator.page.getByRole("button", { name: /^Put away/ });
  const before = await put.count();
  await coordinator.leave(put.first());
  assert.ok((await put.count()) <= before);
  await coordinator.close();
});

test("the child’s file says until when what runs", async () => {
  const worker = await Person.signIn(house.browser, house.demo, house.demo.person("social worker"), { looks });
  await worker.open("/children");
  await worker.leave(worker.page.getByRole("main").getByRole("rowheader").getByRole("link").first());
  await worker.reads("Days to keep");
  await worker.close();
});
