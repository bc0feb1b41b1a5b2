/** One child's case from referral to court report, by five people, with the script of the pages and without it. */
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { openBrowser } from "../lib/browser.js";
import { Demo } from "../lib/demo.js";
import { Looks } from "../lib/looks.js";
import { Person } from "../lib/person.js";
import * as referral from "../walk/referral.js";
import * as verification from "../walk/verification.js";

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

for (const scripted of [true, false]) {
  const how = scripted ? "with scripts" : "without scripts";
  test(`the thread, ${how}`, async (t) => {
    const demo = await Demo.start();
    const looks = new Looks(browser, scripted ? "scripted" : "plain", scripted);
    const sitDown = (role: string): Promise<Person> => Person.signIn(browser, demo, demo.person(role), { scripted, looks });
    let broken = false;
    /** One stage; after one that failed the rest cannot be walked. */
    const stage = (name: string, walk: () => Promise<void>): Promise<void> =>
      t.test(`${name}, ${how}`, { skip: broken }, async () => {
        broken = true;
        await walk();
        broken = false;
      });
    try {
      const worker = await sitDown("social worker");
      await stage("referral", async () => {
        await referral.begin(worker);
        await referral.write(worker);
        await referral.send(worker);
      });
      const coordinator = await sitDown("coordinator");
      await stage("verification", () => verification.verifyAndAccept(coordinator));
    } finally {
      for (const line of looks.list()) t.diagnostic(line);
      await demo.stop();
    }
  });
}
