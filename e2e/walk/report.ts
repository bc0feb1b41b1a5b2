/** The report for court: figures by Kith, a statement by the coordinator, signed, as a PDF. */
import assert from "node:assert/strict";
import { dayOf, type Person } from "../lib/person.js";
import { clockOf } from "./clock.js";

/** The coordinator writes and signs the report of the child whose file is at `file`; the PDF comes back. */
export async function writeAndSign(coordinator: Person, file: string): Promise<Buffer> {
  await coordinator.open(file);
  const today = (await clockOf(coordinator)).day;
  await coordinator.press("Write a report");
  await coordinator.date("First day of the period", dayOf(new Date(today.getTime() - 28 * 86_400_000)));
  await coordinator.date("Last day of the period", dayOf(today));
  await coordinator.write("Your statement", "I have read every record of this period.\n\nThe mother came on time and was calm.");
  await coordinator.press("Save and look at the figures");
  await coordinator.reads("Held");
  await coordinator.write("Your statement", "I have read every record of this period.\n\nThe mother came a little late and was calm.");
  await coordinator.write("Your password", coordinator.login.password);
  await coordinator.press("Sign the report");
  await coordinator.reads("Signed");
  await coordinator.reads("The mother came a little late and was calm.");
  return download(coordinator, "Open the report (PDF)");
}

/** Fetches what a link leads to, as the browser that is signed in. */
export async function download(person: Person, name: string): Promise<Buffer> {
  const path = await person.link(name).getAttribute("href");
  assert.ok(path !== null);
  const answer = await person.context.request.get(path);
  assert.equal(answer.status(), 200);
  assert.equal(answer.headers()["content-type"], "application/pdf");
  return answer.body();
}
