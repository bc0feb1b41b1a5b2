/** Two sisters and two brothers in two placements: one referral, one session, one record, a report about each. */
import assert from "node:assert/strict";
import { BROTHER, BROTHER_NAME, CHILD, CHILD_NAME, ELDER, ELDER_NAME, MOTHER_NAME, SISTER, SISTER_NAME } from "./case.js";
import { putForwardTo } from "./clock.js";
import * as plan from "./plan.js";
import * as record from "./record.js";
import * as referral from "./referral.js";
import * as report from "./report.js";
import * as risk from "./risk.js";
import { type Booked, bookAndConfirm } from "./session.js";
import { walkInStages } from "./stages.js";
import { correct, verifyAndAccept } from "./verification.js";

const ABOUT_HIM = "Emrys stood behind the door until she sang to him.";
const ELSEWHERE = "9 Heron Walk\nNenebridge NB5 6QQ";
const NAMES = [CHILD_NAME, BROTHER_NAME, SISTER_NAME, ELDER_NAME] as const;

/** Walks the case of four children. */
export function walkFour(scripted: boolean): void {
  walkInStages("four children together", scripted, async ({ demo, sitDown, stage }) => {
    const worker = await sitDown(demo.person("social worker"));
    await stage("one referral for four", async () => {
      const path = await referral.begin(worker);
      await referral.write(worker);
      await worker.open(path);
      await referral.addSibling(worker, BROTHER);
      await worker.open(path);
      await referral.addSibling(worker, SISTER, { address: ELSEWHERE });
      await worker.open(path);
      await referral.addSibling(worker, ELDER, { with: SISTER_NAME });
      await worker.open(path);
      await worker.follow(new RegExp(`^How the family stands to the child\\W+${SISTER_NAME}$`));
      await worker.reads(`As to ${CHILD_NAME}`);
      await worker.follow("Back");
      await worker.follow("Check the answers and send it");
      await referral.send(worker);
      await worker.reads(BROTHER_NAME);
    });

    const coordinator = await sitDown(demo.person("coordinator"));
    const files: string[] = [];
    await stage("one call for four", async () => {
      await verifyAndAccept(coordinator, `${CHILD_NAME}, ${BROTHER_NAME}, ${SISTER_NAME} and ${ELDER_NAME}`, async () => {
        await coordinator.reads(`${BROTHER_NAME}: Who the child is`);
        await correct(coordinator, `${SISTER_NAME}: Allergies and medication`, "Medication", "Antihistamine in her bag, for hives");
      });
      for (const name of NAMES) {
        files.push((await coordinator.link(`Open the file of ${name}`).getAttribute("href")) ?? "");
      }
      assert.ok(files.every((file) => file.startsWith("/children/")));
    });

    const manager = await sitDown(demo.person("manager"));
    await stage("each is assessed and planned", async () => {
      // The first child last: the sessions are booked from her plan.
      for (const index of [3, 2, 1, 0]) {
        await coordinator.open(files[index] ?? "");
        await risk.assess(coordinator);
        await risk.approve(manager, NAMES[index] ?? "");
        await coordinator.open(files[index] ?? "");
        await plan.agreeAndStart(coordinator);
      }
    });

    let booked: Booked | undefined;
    await stage("one session for four", async () => {
      booked = await bookAndConfirm(coordinator, [BROTHER.firstNames, SISTER.firstNames, ELDER.firstNames]);
      for (const name of NAMES) await coordinator.reads(name);
      await putForwardTo(coordinator, booked.at);
    });

    await stage("one record of four", async () => {
      assert.ok(booked !== undefined);
      const supervisor = await sitDown(demo.named(booked.supervisor));
      await record.start(supervisor, booked.path);
      await supervisor.page.locator("summary").filter({ hasText: "What to look for, by heading" }).click();
      await supervisor.reads(new RegExp(`For ${CHILD.firstNames} and ${BROTHER.firstNames}: .* For ${ELDER.firstNames} and ${SISTER.firstNames}: `));
      await record.write(supervisor);
      await supervisor.select("Heading", "Arrival and greeting");
      await supervisor.choose("Whom is it about?", BROTHER_NAME);
      await supervisor.write("What happened", ABOUT_HIM);
      await supervisor.press("Save entry");
      await supervisor.reads(ABOUT_HIM);
      await putForwardTo(coordinator, { ...booked.at, minute: booked.at.minute + 60 });
      const came = [[CHILD_NAME, "11:58"], [BROTHER_NAME, "12:02"], [SISTER_NAME, "11:55"], [ELDER_NAME, "11:55"], [MOTHER_NAME, "12:05"]] as const;
      await record.endAndSign(supervisor, booked.path, came);
      await record.review(manager);
    });

    await stage("a report about one of four", async () => {
      const paper = await report.writeAndSign(coordinator, files[0] ?? "");
      assert.equal(paper.subarray(0, 5).toString(), "%PDF-");
    });
  });
}
