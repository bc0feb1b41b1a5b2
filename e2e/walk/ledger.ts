/** The access log: the auditor sees who did what, and nothing of the case. */
import type { Person } from "../lib/person.js";
import { CHILD } from "./case.js";
import assert from "node:assert/strict";

/** The auditor finds the case's steps in the log, without a name of the family. */
export async function audit(auditor: Person, who: string): Promise<void> {
  await auditor.open("/");
  await auditor.follow("Access log", auditor.page.getByRole("main"));
  await auditor.reads(who);
  const text = await auditor.page.getByRole("main").innerText();
  assert.ok(!text.includes(CHILD.lastName), "the access log names a child");
}
