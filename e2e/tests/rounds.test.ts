/** Everybody's own pages: each role opens whatever its navigation and its home page offer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { House } from "../lib/house.js";
import { Looks } from "../lib/looks.js";
import { Person } from "../lib/person.js";

const ROLES = ["social worker", "coordinator", "supervisor", "manager", "data protection", "auditor", "administrator"];

let looks: Looks;
const house = new House(async (house) => {
  looks = new Looks(house.browser, "rounds", true);
});

for (const role of ROLES) {
  test(`the pages of the ${role}`, async () => {
    const person = await Person.signIn(house.browser, house.demo, house.demo.person(role), { looks });
    const offered = person.page.locator("nav[aria-label=Main] a, main .kith-card a");
    const paths = new Set(await offered.evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).pathname)));
    assert.ok(paths.size > 1, "nothing is offered");
    for (const path of paths) {
      await person.open(path);
      assert.notEqual(await person.heading(), "There is nothing here", `${role} is led to ${path}`);
    }
    await person.close();
  });
}

test("the pages looked at", (t) => {
  for (const line of looks.list()) t.diagnostic(line);
});
