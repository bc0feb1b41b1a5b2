/** A referral that comes back: what is needed, what was changed, sent again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { House } from "../lib/house.js";
import { Looks } from "../lib/looks.js";
import { Person } from "../lib/person.js";
import { CHILD_NAME } from "../walk/case.js";
import * as referral from "../walk/referral.js";

let looks: Looks;
const house = new House(async (house) => {
  looks = new Looks(house.browser, "returned", true);
});

test("returned for information, changed, marked and sent again", async () => {
  const worker = await Person.signIn(house.browser, house.demo, house.demo.person("social worker"), { looks });
  const path = await referral.begin(worker);
  await referral.write(worker);
  await referral.send(worker);

  const coordinator = await Person.signIn(house.browser, house.demo, house.demo.person("coordinator"), { looks });
  await coordinator.open("/");
  await coordinator.follow("Referrals to verify");
  await coordinator.follow(CHILD_NAME);
  await coordinator.press("Take it up and start the call");
  await coordinator.follow("Return it to the social worker for information");
  await coordinator.press("Return it");
  await coordinator.reads("There is a problem");
  await coordinator.write("What is needed?", "The carer’s new number, please.");
  await coordinator.press("Return it");

  await worker.open("/");
  await worker.follow("Returned to you");
  await worker.follow(CHILD_NAME);
  assert.equal(worker.path, path);
  await worker.reads("The carer’s new number, please.");
  await worker.follow("Where the child lives");
  await worker.write("Carer’s phone number", "01632 960 119");
  await worker.press("Save as it is and come back later");
  await worker.open(`${path}/answers`);
  await worker.reads(/01632 960 119 Changed since it was returned\. Before: 01632 960 111/);
  await worker.press("Send the referral");
  await worker.reads("Submitted");

  await coordinator.open("/");
  await coordinator.follow("Referrals to verify");
  await coordinator.follow(CHILD_NAME);
  await coordinator.reads("01632 960 119");
});
