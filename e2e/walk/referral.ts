/** Referral: the social worker writes it section by section and sends it. */
import assert from "node:assert/strict";
import type { Person } from "../lib/person.js";
import { type Child, CHILD, FATHER, FATHER_NAME, MOTHER, MOTHER_NAME } from "./case.js";

const SAVE = "Save and continue";

/** Starts a referral; the path of its page comes back. */
export async function begin(worker: Person): Promise<string> {
  await worker.open("/");
  await worker.follow("Refer a child");
  await worker.press("Start");
  const path = worker.path.replace("/sections/child", "");
  assert.match(path, /^\/referrals\/[0-9a-f-]{36}$/);
  return path;
}

/** Writes the section about the child, which stands open when a referral is begun. */
export async function writeChild(worker: Person, child: Child = CHILD): Promise<void> {
  await fillChild(worker, child);
}

async function fillChild(worker: Person, child: Child): Promise<void> {
  await worker.write("First names", child.firstNames);
  await worker.write("Last name", child.lastName);
  await worker.date("Date of birth", child.born);
  await worker.choose("Sex", "Female");
  await worker.write("Care First identity number", child.careFirst);
  await worker.write("First language", "Welsh");
  await worker.choose("Does the child need an interpreter?", "No");
  await worker.choose("Does the child have any allergies?", "Yes");
  // Without a script more rows stand ready.
  await worker.field("Allergic to").first().fill("Peanuts");
  await worker.field("What happens?").first().fill("swelling within minutes");
  await worker.field("What to do").first().fill("auto-injector in the blue bag, then 999");
  await worker.press(SAVE);
}

/** Writes all sections, one after the other. */
export async function write(worker: Person, child: Child = CHILD): Promise<void> {
  await writeChild(worker, child);

  await writeRelative(worker, MOTHER, "Mother", "Yes");
  await worker.choose("Is a risk known from this person?", "Risk known: see what is written");
  await worker.write("What is known of the risk", "Shouted at staff on 14 October 2026 when a visit ended; nobody was hurt (social worker’s note).");
  await worker.press("Save and add another person");
  await writeRelative(worker, FATHER, "Father", "No");
  await worker.choose("Is a risk known from this person?", "Risk known: see what is written");
  await worker.write("What is known of the risk", "Non-molestation order of 9 September 2026 for the mother.");
  await worker.press(SAVE);

  await worker.select("Type of placement", "Foster care (U6)");
  await worker.write("Address with postcode", "4 Quarrel Lane\nNenebridge NB3 9ZZ");
  await worker.choose("Is the address confidential from anybody?", "Yes");
  await worker.choose("From whom of the family?", FATHER_NAME);
  await worker.write("Carer’s name", "Odette Farrowby");
  await worker.write("Carer’s phone number", "01632 960 111");
  await worker.press(SAVE);

  await worker.select("Legal status", "Interim care order (C1)");
  await worker.write("Court that made the order", "Family Court at Nenebridge");
  await worker.write("Case number", "NB26C00417");
  await worker.date("Date of the order", [2, 11, 2026]);
  await worker.write("What the order says about contact", "The mother shall have contact at least twice a week, supervised.");
  await worker.press(SAVE);

  await worker.choose("How strictly is the number meant?", "at least");
  await worker.write("How many times?", "2");
  await worker.select("In each", "week");
  await worker.write("Minutes each time", "60");
  await worker.choose("Level of supervision", "Supervised: within sight and hearing throughout");
  await worker.choose("Did a court order this contact?", "Yes");
  await worker.write("Days and times that would suit", "After school is hard for the carer; mornings suit everybody.");
  await worker.write("What must and must not happen", "No photographs. Welsh or English.");
  await worker.press(SAVE);

  await worker.write("Concerns past and present", "Neglect in 2025; the child is settled now.");
  await worker.choose("In an emergency, is it the carer who is phoned?", "No");
  await worker.write("Whom to phone in an emergency", "Odette Farrowby");
  await worker.write("Emergency phone number", "01632 960 111");
  await worker.press(SAVE);
}

/** Adds a brother or sister, who lives with the first child, at this address, or with another one of them by name. */
export async function addSibling(worker: Person, child: Child, home?: { address: string } | { with: string }): Promise<void> {
  await worker.follow("Add a brother or sister");
  await fillChild(worker, child);
  await worker.choose(/^Does this child live with/, home === undefined ? "Yes" : "No");
  if (home !== undefined && "with" in home) {
    await worker.select("Or with a brother or sister whose home is written down?", home.with);
  } else if (home !== undefined) {
    await worker.select("Type of placement", "Foster care (U6)");
    await worker.write("Address with postcode", home.address);
    await worker.choose("Is the address confidential from anybody?", "No");
    await worker.write("Carer’s name", "Hannah Coldbeck");
    await worker.write("Carer’s phone number", "01632 960 113");
  }
  await worker.press(SAVE);
}

async function writeRelative(worker: Person, name: { firstNames: string; lastName: string }, relationship: string, mayAttend: string): Promise<void> {
  await worker.write("First names", name.firstNames);
  await worker.write("Last name", name.lastName);
  await worker.select("Relationship to the child", relationship);
  await worker.choose("Do they have parental responsibility?", "Yes");
  await worker.choose("May they attend?", mayAttend);
  await worker.write("Phone number", "01632 960 222");
}

/** Checks the answers and sends the referral. */
export async function send(worker: Person, child: Child = CHILD, born = "27 March 2019"): Promise<void> {
  for (const words of [child.firstNames, born, MOTHER_NAME, FATHER_NAME, "4 Quarrel Lane"]) await worker.reads(words);
  await worker.press("Send the referral");
  await worker.reads("Submitted");
}
