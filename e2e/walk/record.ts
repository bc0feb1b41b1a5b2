/** The record: written during the session, ended, signed, corrected by an addendum, reviewed. */
import assert from "node:assert/strict";
import { type Person, tick } from "../lib/person.js";
import { CHILD_NAME, FATHER_NAME, MOTHER_NAME, QUOTATION } from "./case.js";

export const ENTRIES = [
  { heading: "Arrival and greeting", how: "I saw it", text: "Siân ran to her mother and held her round the waist. Carys knelt and kissed her hair." },
  { heading: "Play", how: "I saw it", text: "They did a puzzle of forty pieces.\nSiân chose the corners; Carys handed her the pieces and waited." },
  { heading: "What the child said", how: "I heard it", text: QUOTATION },
] as const;

/** The supervisor reads what there is to know and starts the session. */
export async function start(supervisor: Person, session: string): Promise<void> {
  await supervisor.open("/");
  await supervisor.follow("Sessions today", supervisor.page.getByRole("main"));
  await supervisor.open(session);
  await supervisor.reads("Must not come in");
  await supervisor.reads(FATHER_NAME);
  await supervisor.reads("Peanuts");
  await supervisor.press("Start the session");
}

/** Writes the entries; the recorder must be open. */
export async function write(supervisor: Person): Promise<void> {
  for (const { heading, how, text } of ENTRIES) {
    await supervisor.select("Heading", heading);
    await supervisor.choose("How do you know?", how);
    await supervisor.write("What happened", text);
    const exact = supervisor.field("These are somebody’s exact words");
    if (text === QUOTATION) await tick(exact);
    await supervisor.press("Save entry");
    await supervisor.reads(text.replaceAll("\n", " "));
  }
}

const CAME: readonly (readonly [string, string])[] = [[CHILD_NAME, "11:58"], [MOTHER_NAME, "12:05"]];

/** When the session is over: writes down who came and when, ends it and signs the record. */
export async function endAndSign(supervisor: Person, session: string, came = CAME): Promise<void> {
  await supervisor.open(`${session}/record`);
  for (const [name, arrived] of came) {
    const of = supervisor.page.getByRole("group", { name });
    await supervisor.write("Arrived", arrived, of);
    await supervisor.write("Left", "13:00", of);
  }
  await supervisor.write("When did the session begin?", "12:05");
  await supervisor.press("Save who came");
  await supervisor.write("When did it end?", "13:00");
  await supervisor.choose("How did it end?", /as planned|complete/i);
  await supervisor.press("End the session");
  await supervisor.press("Check and sign");
  await supervisor.write("Your password", supervisor.login.password);
  await supervisor.press("Sign and lock the record");
  await supervisor.reads("Signed");
  assert.equal(await supervisor.button(/^Change/).count(), 0, "a signed record is locked");
  await supervisor.press("Add an addendum");
  await supervisor.write("Why do you add this?", "I had miscounted");
  await supervisor.write("Addendum", "The puzzle had fifty pieces.");
  await supervisor.press("Add it");
  await supervisor.reads("The puzzle had fifty pieces.");
  await supervisor.reads("forty pieces");
}

/** The manager, who did not write it, reviews it. */
export async function review(manager: Person): Promise<void> {
  await manager.open("/");
  await manager.follow("Records to review", manager.page.getByRole("main"));
  await manager.follow(new RegExp(`^${CHILD_NAME}`));
  await manager.reads(QUOTATION);
  await manager.choose("Is the record complete, factual and clear?", /accept/i);
  await manager.write("Comment", "Clear and timed, in the child’s own words.");
  await manager.press("Keep the review");
  await manager.reads("Accepted");
}

/** The social worker reads the signed record of a child of their own. */
export async function read(worker: Person, session: string): Promise<void> {
  await worker.open(`${session}/record`);
  await worker.reads(QUOTATION);
  assert.equal(await worker.button("Keep the review").count(), 0);
}
