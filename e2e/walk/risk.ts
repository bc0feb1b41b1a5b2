/** Risk: the coordinator assesses the mother, the manager approves. */
import assert from "node:assert/strict";
import type { Person } from "../lib/person.js";
import { CHILD_NAME, MOTHER_NAME } from "./case.js";

const HAZARD = "Violence to staff";

/** The coordinator, on the child's file, assesses the risk from the mother and sends it; its path comes back. */
export async function assess(coordinator: Person): Promise<string> {
  await coordinator.press(new RegExp(`^Assess the risk\\W+from ${MOTHER_NAME}$`));
  const { page } = coordinator;
  const path = coordinator.path;
  await page.locator("summary").filter({ hasText: HAZARD }).click();
  await coordinator.choose(`${HAZARD}: does it apply?`, "Yes");
  await coordinator.choose(`${HAZARD}: likelihood without controls`, /^4\b/);
  await coordinator.choose(`${HAZARD}: impact without controls`, /^4\b/);
  await coordinator.write(`${HAZARD}: controls`, "A second member of staff within call; the way out is kept free; the session ends at the first threat.");
  await coordinator.choose(`${HAZARD}: likelihood with controls`, /^3\b/);
  await coordinator.choose(`${HAZARD}: impact with controls`, /^4\b/);
  await coordinator.choose("Level of supervision", "Supervised: within sight and hearing throughout");
  await coordinator.choose("How many staff?", "1");
  await coordinator.choose("Are bags checked?", "No");
  await coordinator.choose("Do staff meet the person before the session?", "Yes");
  await coordinator.write("Why this is the level", "She shouted at staff once, in October; calm in every visit since (social worker, by phone).");
  await coordinator.press("Save and check");
  await coordinator.reads("High");
  await coordinator.press("Send for approval");
  await coordinator.reads(/waits for|Waiting|approval/);
  assert.equal(await coordinator.button("Approve").count(), 0, "nobody approves their own assessment");
  return path;
}

/** The manager reads and approves it. */
export async function approve(manager: Person, child = CHILD_NAME): Promise<void> {
  await manager.open("/");
  await manager.follow("Approvals", manager.page.getByRole("main"));
  await manager.follow(new RegExp(child));
  await manager.reads(HAZARD);
  await manager.press("Approve");
  await manager.reads("Approved");
}
