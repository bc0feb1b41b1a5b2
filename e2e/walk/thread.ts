/** One child's case from referral to court report, by five people. */
import assert from "node:assert/strict";
import * as facts from "./facts.js";
import * as ledger from "./ledger.js";
import * as order from "./order.js";
import * as plan from "./plan.js";
import * as record from "./record.js";
import * as referral from "./referral.js";
import { putForwardTo } from "./clock.js";
import * as report from "./report.js";
import * as risk from "./risk.js";
import { type Booked, bookAndConfirm } from "./session.js";
import { walkInStages } from "./stages.js";
import * as verification from "./verification.js";

/** Walks the whole case. */
export function walkTheThread(scripted: boolean): void {
  walkInStages("the thread", scripted, async ({ demo, sitDown, stage }) => {
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
      await putForwardTo(coordinator, { ...booked.at, minute: booked.at.minute + 60 });
      await record.endAndSign(supervisor, booked.path);
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

    await stage("a change after acceptance", async () => {
      await facts.movePlacement(worker, file);
    });

    await stage("another order", async () => {
      await order.putAnother(coordinator, file);
    });

    await stage("the same mother in a second referral", async () => {
      await facts.recogniseMother(worker, coordinator);
    });

    await stage("access log", async () => {
      await ledger.audit(await sitDown(demo.person("auditor")), coordinator.login.name);
    });
  });
}
