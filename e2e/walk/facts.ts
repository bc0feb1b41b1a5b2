/** Facts: what changes after acceptance, what it voids, and a mother who is recognised in a second referral. */
import type { Person } from "../lib/person.js";
import { BROTHER, BROTHER_NAME, CHILD_NAME, MOTHER_NAME } from "./case.js";
import * as referral from "./referral.js";
import { verifyAndAccept } from "./verification.js";

/** The social worker, told by the new carer, changes where the child lives; the assessment of the mother is void. */
export async function movePlacement(worker: Person, file: string): Promise<void> {
  await worker.open(file);
  await worker.page.locator("summary").filter({ hasText: "Change what the file says" }).click();
  await worker.follow("Where the child lives");
  await worker.reads(`Risk assessment of ${MOTHER_NAME} (approved)`);
  await worker.write("Address with postcode", "11 Heron Walk\nNenebridge NB5 6QQ");
  await worker.press("Save the change");
  await worker.reads("Enter who told you");
  await worker.write("Who told you?", "Odette Farrowby, carer");
  await worker.select("How were you told?", "By phone");
  await worker.date("Since when is it so?", [20, 11, 2026]);
  await worker.press("Save the change");
  await worker.reads("The risk assessments that it bears on are void");
  await worker.reads("Void");
  await worker.page.locator("summary").filter({ hasText: "Change what the file says" }).click();
  await worker.follow("Where the child lives");
  await worker.reads("Was so until 20 November 2026");
  await worker.reads("Odette Farrowby, carer");
  await worker.open(file);
  await worker.follow("Everything that was said");
  await worker.reads("11 Heron Walk");
  await worker.reads("Odette Farrowby, carer");
}

/** The brother is referred; the coordinator says that his mother is the sister’s, and sees her in both files. */
export async function recogniseMother(worker: Person, coordinator: Person): Promise<void> {
  await referral.begin(worker);
  await referral.write(worker, BROTHER);
  await referral.send(worker, BROTHER, "5 August 2021");
  await verifyAndAccept(coordinator, BROTHER_NAME, async () => {
    const verification = coordinator.path;
    await coordinator.follow("Look at them and answer");
    const card = coordinator.page.locator(".kith-card").filter({ hasText: `Mother of ${CHILD_NAME}` });
    await coordinator.choose("Is it the same person?", "The same", card.first());
    await coordinator.write("How do you know?", "The social worker has both children (said on the phone).", card.first());
    await coordinator.press(/^Keep the answer/, card.first());
    await coordinator.reads(/The same: .*The social worker has both children/);
    await coordinator.open(verification);
  });
  const card = coordinator.page.locator(".kith-card").filter({ hasText: MOTHER_NAME });
  await card.first().locator("summary").click();
  await coordinator.follow(/^The same person in other files/, card.first());
  await coordinator.reads(`Mother of ${CHILD_NAME}`);
  await coordinator.reads("They are two people after all");
}
