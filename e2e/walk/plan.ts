/** The plan: made from the court's order, agreed and started; then its sessions, booked and confirmed. */
import { dayOf, type Person } from "../lib/person.js";
import { MOTHER_NAME } from "./case.js";
import { clockOf } from "./clock.js";

export const START = "12:00";
const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** The first and the third day after a day on which the service works, which the demo's clock goes by: two weekdays. */
function weekdaysAfter(day: Date): string[] {
  const working = [1, 2, 3, 4, 5].map((number) => WEEKDAYS[number] ?? "");
  const next = [1, 2, 3, 4, 5, 6, 7].map((days) => WEEKDAYS[(day.getUTCDay() + days) % 7] ?? "");
  const ahead = next.filter((weekday) => working.includes(weekday));
  return [ahead[0] ?? "", ahead[2] ?? ""];
}

/** The coordinator, on the child's file, writes a plan, has it agreed and starts it. */
export async function agreeAndStart(coordinator: Person): Promise<void> {
  const today = (await clockOf(coordinator)).day;
  const from = dayOf(today);
  await coordinator.press("Write a plan");
  await coordinator.press("Add an arrangement");
  // How contact takes place comes first, unless the referral said it.
  if ((await coordinator.button("Continue").count()) > 0) {
    await coordinator.choose("How does contact take place?", "In person");
    await coordinator.press("Continue");
  }
  await coordinator.choose("Who is the child to see?", new RegExp(MOTHER_NAME));
  await coordinator.choose("How strictly is the number meant?", "at least");
  await coordinator.write("How many times?", "2");
  await coordinator.select("In each", "week");
  await coordinator.choose("Did a court order this contact?", "Yes");
  for (const weekday of weekdaysAfter(today)) await coordinator.choose("On which days?", weekday);
  await coordinator.write("Start time", START);
  await coordinator.write("How long each session lasts, in minutes", "60");
  await coordinator.date("First day", from);
  await coordinator.choose("Level of supervision", "Supervised: within sight and hearing throughout");
  await coordinator.write("How the child gets there and back", "The carer brings her and waits next door.");
  await coordinator.write("Rules of the session", "No photographs. Welsh or English.");
  await coordinator.write("If it cannot take place", "The next free morning of the same week; the centre phones the mother.");
  await coordinator.press("Save the arrangement");

  await coordinator.follow("The written agreement: copies and signatures");
  await coordinator.follow(`English for ${MOTHER_NAME}`);
  await coordinator.reads("Only the people named here come in");
  await coordinator.follow("Back");
  await coordinator.follow("write down who agreed");
  if ((await coordinator.button("Write down the agreement").count()) > 0) await coordinator.press("Write down the agreement");
  await coordinator.write("Who agreed to the plan, and when?", `${MOTHER_NAME} and the carer on paper, today`);
  await coordinator.press("Keep the agreement");
  await coordinator.press("Start the plan");
  await coordinator.reads("Active");
}
