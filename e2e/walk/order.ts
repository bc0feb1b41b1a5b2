/** Orders: another one after acceptance, what it voids, and correcting what was written of it. */
import { dayOf, type Person } from "../lib/person.js";
import { MOTHER_NAME } from "./case.js";
import { clockOf } from "./clock.js";

/** The coordinator has begun to assess the mother again when another order comes: the draft is void too. */
export async function putAnother(coordinator: Person, file: string): Promise<void> {
  await coordinator.open(file);
  await coordinator.press(new RegExp(`^Assess the risk\\W+from ${MOTHER_NAME}$`));
  const draft = coordinator.path;
  await coordinator.open(file);
  await coordinator.press("Write down an order");
  await coordinator.reads("A new order voids every risk assessment of the child at once");
  const today = (await clockOf(coordinator)).day;
  const made = dayOf(today);
  await coordinator.write("Name of the court", "Family Court at Nenebridge");
  await coordinator.write("Case number", "NB26C00419");
  await coordinator.date("When was it made?", made);
  await coordinator.write("What it says about contact", "The mother shall see the child once in each week, supervised.");
  await coordinator.press("Put the order on the file");
  await coordinator.reads("Every risk assessment of the child is void");
  const order = coordinator.path;
  await coordinator.open(draft);
  await coordinator.reads("This assessment is void");
  await coordinator.open(order);
  await coordinator.follow("Correct what is written of this order");
  await coordinator.write("Case number", "NB26C00491");
  await coordinator.write("Why is it corrected?", "Two digits had changed places");
  await coordinator.press("Save the correction");
  await coordinator.reads("NB26C00491");
  await coordinator.reads("Two digits had changed places");
}
