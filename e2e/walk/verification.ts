/** Verification: the coordinator phones the social worker, corrects what the form had wrong, and accepts. */
import type { Person } from "../lib/person.js";
import { CHILD_NAME } from "./case.js";

/** From the list of referrals to the accepted referral. */
export async function verifyAndAccept(coordinator: Person, child = CHILD_NAME, before = async (): Promise<void> => {}): Promise<void> {
  await coordinator.open("/");
  await coordinator.follow("Referrals to verify");
  await coordinator.follow(child);
  await coordinator.press("Take it up and start the call");
  await coordinator.choose("Did you reach the social worker?", "Yes");
  await coordinator.write("How long did the call take, in minutes?", "14");
  await coordinator.press("Keep the call");

  await before();
  // The form had the old carer's number.
  await coordinator.press(/^Correct it\W+Emergency contact and concerns$/);
  await coordinator.write("Emergency phone number", "01632 960 112");
  await coordinator.press("Keep the correction");
  await coordinator.reads("01632 960 112");

  const toConfirm = coordinator.page.getByRole("button", { name: /^Confirmed\W/ });
  const waiting = coordinator.page.locator("section").filter({ hasText: "To ask" });
  while ((await waiting.count()) > 0) {
    await coordinator.leave(waiting.first().getByRole("button", { name: /^Confirmed\W/ }));
  }
  if ((await toConfirm.count()) === 0) throw new Error("an answer cannot be given again");
  await coordinator.reads("Everything has been verified");
  await coordinator.press("Accept the referral");
  await coordinator.reads("Accepted");
}
