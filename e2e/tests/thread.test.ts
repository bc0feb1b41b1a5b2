/** One child's case from referral to court report, by five people, with the script of the pages and without it. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { openBrowser } from "../lib/browser.js";
import { Demo, type Login } from "../lib/demo.js";
import { Looks } from "../lib/looks.js";
import { Person } from "../lib/person.js";
import * as ledger from "../walk/ledger.js";
import * as plan from "../walk/plan.js";
import * as record from "../walk/record.js";
import * as referral from "../walk/referral.js";
import { putForwardTo } from "../walk/clock.js";
import * as report from "../walk/report.js";
import * as risk from "../walk/risk.js";
import { type Booked, bookAndConfirm } from "../walk/session.js";
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
    const people: Person[] = [];
    const sitDown = async (login: Login): Promise<Person> => {
      const person = await Person.signIn(browser, demo, login, { scripted, looks });
      people.push(person);
      return person;
    };
    let broken = false;
    /** One stage; after one that failed the rest cannot be walked. */
    const stage = (name: string, walk: () => Promise<void>): Promise<void> =>
      t.test(`${name}, ${how}`, { skip: broken }, async (t) => {
        broken = true;
        try {
          await walk();
          broken = false;
        } finally {
          if (broken) for (const person of people) t.diagnostic(await person.describe());
        }
      });
    try {
      const worker = await sitDown(demo.person("social worker"));
      await stage("referral", async () => {
        await referral.begin(worker);
        await referral.write(worker);
        await referral.send(worker);
      });

      const coordinator = await sitDown(demo.person("coordinator"));
      let file = "";
      await stage("verification", async () => {
        await verification.verifyAndAccept(coordinator);
        file = coordinator.path;
      });

      const manager = await sitDown(demo.person("manager"));
      await stage("risk", async () => {
        await risk.assess(coordinator);
        await risk.approve(manager);
      });

      await stage("plan", async () => {
        await coordinator.open(file);
        await plan.agreeAndStart(coordinator);
      });

      let booked: Booked | undefined;
      await stage("sessions", async () => {
        booked = await bookAndConfirm(coordinator);
        await putForwardTo(coordinator, booked.at);
      });

      await stage("record", async () => {
        assert.ok(booked !== undefined);
        const supervisor = await sitDown(demo.named(booked.supervisor));
        await record.start(supervisor, booked.path);
        await record.write(supervisor);
        await record.endAndSign(supervisor);
      });

      await stage("review", async () => {
        assert.ok(booked !== undefined);
        await record.review(manager);
        await record.read(worker, booked.path);
      });

      await stage("report", async () => {
        const paper = await report.writeAndSign(coordinator, file);
        assert.equal(paper.subarray(0, 5).toString(), "%PDF-");
      });

      await stage("access log", async () => {
        await ledger.audit(await sitDown(demo.person("auditor")), coordinator.login.name);
      });
    } finally {
      for (const line of looks.list()) t.diagnostic(line);
      await Promise.all(people.map((person) => person.close()));
      await demo.stop();
    }
  });
}
