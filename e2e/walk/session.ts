/** Sessions: proposed from the plan's pattern, booked into a room with a supervisor, and confirmed. */
import assert from "node:assert/strict";
import type { Person } from "../lib/person.js";
import { CHILD_NAME } from "./case.js";
import { type ClockTime, clockOf } from "./clock.js";
import { START } from "./plan.js";

/** A booked session. */
export interface Booked {
  path: string;
  supervisor: string;
  at: ClockTime;
}

/** The coordinator, on the plan's page, books what is proposed and confirms it, for brothers and sisters too whose first names
 * are given; the first session comes back. */
export async function bookAndConfirm(coordinator: Person, together: string[] = []): Promise<Booked> {
  await coordinator.press(/^(Propose and book|Book) sessions/);
  const { page } = coordinator;
  const first = page.getByRole("listitem").filter({ has: page.getByRole("checkbox") }).first();
  const supervisor = await coordinator.field(/^Supervisor\b/, first).evaluate(
    (select) => (select as HTMLSelectElement).selectedOptions[0]?.textContent ?? "");
  const when = (await first.getByRole("checkbox").locator("xpath=following-sibling::label").innerText()).trim();
  const today = await clockOf(coordinator);
  for (const name of together) await coordinator.choose("Together with", new RegExp(`^${name}`));
  await coordinator.press("Book the ticked days");
  await coordinator.press(/^Confirm (it|all of them)$/);
  await coordinator.follow(new RegExp(`^${when.split(",")[0] ?? ""}`), page.getByRole("main"));
  await coordinator.reads("Confirmed");
  await coordinator.reads(CHILD_NAME);
  return { path: coordinator.path, supervisor, at: { day: dayAfter(today.day, when), minute: minuteOf(START) } };
}

/** The day that "Wednesday 25 November" means: the first one after today. */
function dayAfter(today: Date, words: string): Date {
  const [, day, month] = /(\d{1,2}) (\w+)/.exec(words) ?? [];
  assert.ok(month !== undefined, `no day in “${words}”`);
  const inYear = (year: number): Date => new Date(`${String(day)} ${month} ${String(year)} UTC`);
  const thisYear = inYear(today.getUTCFullYear());
  return thisYear >= today ? thisYear : inYear(today.getUTCFullYear() + 1);
}

function minuteOf(time: string): number {
  const [hours, minutes] = time.split(":").map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}
