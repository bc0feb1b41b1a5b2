/** The demo's clock, as its banner tells it, and how it is put forward. */
import assert from "node:assert/strict";
import type { Person } from "../lib/person.js";

/** A day (midnight UTC stands for it) and the minute of the day. */
export interface ClockTime {
  day: Date;
  minute: number;
}

/** Reads "Tuesday 24 November 2026, 09:30", with or without the weekday. */
export function readTime(text: string): ClockTime {
  const [, day, month, year, hours, minutes] = /(\d{1,2}) (\w+) (\d{4})\D+(\d{1,2}):(\d{2})/.exec(text) ?? [];
  assert.ok(month !== undefined, `no date and time in “${text}”`);
  return { day: new Date(`${String(day)} ${month} ${String(year)} UTC`), minute: Number(hours) * 60 + Number(minutes) };
}

/** What the banner says. */
export async function clockOf(person: Person): Promise<ClockTime> {
  return readTime(await person.page.getByRole("region", { name: "Demo service" }).innerText());
}

/** Puts the clock forward to a time on a working day, by the buttons that the demo offers. */
export async function putForwardTo(person: Person, to: ClockTime): Promise<void> {
  for (;;) {
    await person.open("/demo");
    const now = await clockOf(person);
    const left = to.minute - now.minute;
    if (now.day < to.day) await person.press("The next working day at 09:30");
    else if (left >= 180) await person.press("3 hours");
    else if (left >= 60) await person.press("1 hour");
    else if (left > 0) await person.press("15 minutes");
    else return;
  }
}
