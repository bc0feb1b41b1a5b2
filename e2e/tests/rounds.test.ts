/** Everybody's own pages: each role opens whatever its navigation and its home page offer. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { openBrowser } from "../lib/browser.js";
import { Demo } from "../lib/demo.js";
import { Looks } from "../lib/looks.js";
import { Person } from "../lib/person.js";

const ROLES = ["social worker", "coordinator", "supervisor", "manager", "data protection", "auditor", "administrator"];

let browser: Browser;
let demo: Demo;
let looks: Looks;
before(async () => {
  browser = await openBrowser();
  demo = await Demo.start();
  looks = new Looks(browser, "rounds", true);
});
after(async () => {
  await browser.close();
  await demo.stop();
});

for (const role of ROLES) {
  test(`the pages of the ${role}`, async () => {
    const person = await Person.signIn(browser, demo, demo.person(role), { looks });
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
