/** Verification: the coordinator phones the social worker, corrects what the form had wrong, and accepts. */
import assert from "node:assert/strict";
import type { Person } from "../lib/person.js";
import { CHILD_NAME } from "./case.js";

/** What the order says, as the form has it and a little more. */
const TERMS = "The mother shall have contact at least twice a week, supervised. To be looked at again in February.";

/** From the list of referrals to the accepted referral: nobody is reached at first, and two items are corrected. */
export async function verifyAndAccept(coordinator: Person, child = CHILD_NAME, before = async (): Promise<void> => {}): Promise<void> {
  await coordinator.open("/");
  await coordinator.follow("Referrals to verify");
  await coordinator.follow(child);
  await coordinator.press("Take it up and start the call");
  await coordinator.reads("This is the number in the staff directory");
  await keepCall(coordinator, async () => {
    await coordinator.choose("Did you reach the social worker?", "No");
    await coordinator.choose("What happened?", "Left a message");
    await coordinator.write("Call back at", "23:59");
    await coordinator.write("Note", "In court this morning");
  });
  await coordinator.reads(/not reached: left a message\. Call back .*In court this morning/);
  await keepCall(coordinator, async () => {
    await coordinator.choose("Did you reach the social worker?", "Yes");
    await coordinator.write("How long did the call take, in minutes?", "14");
  });

  await before();
  // The form had the old carer's number, and the order is longer than it says.
  await correct(coordinator, "Emergency contact and concerns", "Emergency phone number", "01632 960 112");
  await correct(coordinator, "Legal status and orders", "What the order says about contact", TERMS);

  const scripted = await coordinator.page.evaluate("document.body.classList.contains('js-enabled')");
  await coordinator.page.evaluate("window.stayed = true");
  const confirmed = coordinator.button("Confirmed");
  while ((await confirmed.count()) > 0) {
    if (scripted === true) await coordinator.key("c");
    else await coordinator.leave(confirmed);
  }
  if (scripted === true) assert.equal(await coordinator.page.evaluate("window.stayed"), true, "the whole page was loaded again");
  await coordinator.reads("Everything has been verified");
  await coordinator.reads("Corrected: Emergency contact and concerns");
  await coordinator.press("Accept the referral");
  await coordinator.reads("Accepted");
}

async function keepCall(coordinator: Person, write: () => Promise<void>): Promise<void> {
  await coordinator.page.locator("summary").filter({ hasText: "Keep a call" }).click();
  await write();
  await coordinator.press("Keep the call");
}

/** Corrects one field of an item, chosen among the others. */
export async function correct(coordinator: Person, item: string, field: string, text: string): Promise<void> {
  await coordinator.follow(item);
  await coordinator.press("Correct it");
  await coordinator.write(field, text);
  await coordinator.press("Keep the correction");
  await coordinator.follow(item);
  await coordinator.reads(text);
}
