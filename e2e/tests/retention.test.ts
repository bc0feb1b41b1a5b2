/** Files whose time is over: proposed by one, approved by two others, a legal hold in the middle, one to an archive first, and the certificate read. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { House } from "../lib/house.js";
import { Looks } from "../lib/looks.js";
import { dayOf, Person } from "../lib/person.js";
import { clockOf } from "../walk/clock.js";

let looks: Looks;
const house = new House(async (house) => {
  looks = new Looks(house.browser, "retention", true);
});

test("from a list to a certificate, with a hold in the middle", async (t) => {
  const officer = await Person.signIn(house.browser, house.demo, house.demo.person("data protection"), { looks });
  const one = await Person.signIn(house.browser, house.demo, house.demo.person("manager"), { looks });
  const other = await Person.signIn(house.browser, house.demo, house.demo.person("manager", 1));

  await t.test("the data protection officer proposes what has come to its end", async () => {
    await officer.open("/");
    await officer.follow("Retention", officer.page.getByRole("main"));
    await officer.press("Look through the files and propose a list");
    await officer.reads("0 of 2 approvals");
    await officer.reads("75th anniversary");
    assert.equal(await officer.page.getByRole("button", { name: "Approve the destruction" }).count(), 0);
  });
  const list = officer.path;
  const files = await officer.page.getByRole("rowheader").allInnerTexts();
  assert.equal(files.length, 2);

  await t.test("two others approve, each with the password", async () => {
    await approve(one, list);
    await one.reads("One more person has to");
  });

  await t.test("a hold is set meanwhile, by the reference of one of the files", async () => {
    await officer.open("/retention/holds");
    await officer.write("Reference of a child’s file", String(files[0]));
    await officer.press("Go on with this file");
    await officer.choose("What must not be destroyed?", "One child’s file");
    await officer.write("Who asked for it?", "Legal, Maud Ferris");
    await officer.write("Why must nothing of it be destroyed?", "A claim against the council.");
    await officer.press("Set the hold");
    await officer.reads("Enter by which day it is looked at again");
    const today = (await clockOf(officer)).day;
    await officer.date("By which day is it looked at again?", dayOf(new Date(today.getTime() + 40 * 86_400_000)));
    await officer.press("Set the hold");
    await officer.reads("The hold stands from now on");
    await officer.open(list);
    await officer.reads("Kept: a legal hold stands");
  });
  await officer.open("/retention");
  await officer.follow("One legal hold stands");
  await officer.follow(new RegExp(`The file ${String(files[0])}`));
  const hold = officer.path;

  await t.test("with the second approval one file is destroyed and the other is kept", async () => {
    await approve(other, list);
    await other.reads("Approved by two people");
    await officer.comesToRead(list, "1 kept: a legal hold stands", "1 destroyed");
  });

  await t.test("the certificate says what, why, by whom and until when a backup could", async () => {
    await officer.follow(`File ${String(files[1])}`);
    await officer.reads("No backup can bring it back from");
    await officer.reads("That key was destroyed, and what is left cannot be read by anybody.");
    const text = await officer.page.getByRole("main").innerText();
    for (const name of ["Winifred", "Ashdown", "Desmond", "Garrick"]) assert.ok(!text.includes(name), name);
    for (const [words, start] of [["The certificate (PDF)", "%PDF-"], ["The certificate as data (JSON)", "{"]] as const) {
      const to = await officer.link(words).getAttribute("href");
      const answer = await officer.page.request.get(String(to));
      assert.ok((await answer.body()).toString("latin1").startsWith(start), words);
    }
  });

  await t.test("a hold is set on somebody who is looked for by name, and no file is opened", async () => {
    await officer.open("/retention/holds");
    await officer.follow("Somebody, by their name and date of birth");
    await officer.press("Look for them");
    await officer.reads("There is a problem");
    await officer.write("What is their name?", "Kinga Wilczura");
    await officer.press("Look for them");
    await officer.choose("Who is it?", /^Kinga Wilczura/);
    await officer.write("Who asked for it?", "The inquiry, Maud Ferris");
    await officer.write("Why must nothing of it be destroyed?", "What she said is to be heard.");
    await officer.press("Set the hold");
    await officer.reads("Enter by which day it is looked at again");
    assert.ok(await officer.page.getByRole("radio", { name: /^Kinga Wilczura/ }).isChecked(), "whom was chosen is kept");
    const today = (await clockOf(officer)).day;
    await officer.date("By which day is it looked at again?", dayOf(new Date(today.getTime() + 40 * 86_400_000)));
    await officer.press("Set the hold");
    await officer.reads("The hold stands from now on");
  });

  await t.test("lifting the hold destroys nothing", async () => {
    await officer.open(hold);
    await officer.press("Lift it");
    await officer.write("Why is it not needed any more?", "The claim was settled.");
    await officer.press("Lift the hold");
    await officer.reads("Nothing has been destroyed by it");
    await officer.open("/retention");
    await officer.press("Look through the files and propose a list");
    await officer.reads(String(files[0]));
  });

  const last = officer.path;
  await t.test("the other file goes to an archive first", async () => {
    await officer.follow(/^To the archive first/);
    await officer.write("Which archive?", "Nenedale Archives");
    await officer.write("Who asked for it?", "Hazel Quill, county archivist");
    await officer.choose("On what does it rest?", "A law that requires or allows it");
    await officer.press("To the archive first");
    await officer.reads("There is a problem");
    assert.equal(await officer.field("Which archive?").inputValue(), "Nenedale Archives");
    await officer.write("Which act and section?", "Local Government Act 1972 s224");
    await officer.write("Why is it worth keeping?", "One file in a hundred is kept.");
    await officer.press("To the archive first");
    await officer.reads("It goes to the archive first");
    // Their passwords were given a moment ago.
    for (const manager of [one, other]) {
      await manager.open(last);
      await manager.press("Approve the destruction");
    }
  });

  await t.test("the bag is fetched, and the file stays until the archive has it", async () => {
    await officer.comesToRead(last, "The bag for the archive is ready");
    await officer.follow(/^Nenedale Archives/);
    const transfer = officer.path;
    await officer.press("Fetch the bag");
    await officer.write("Your password", officer.login.password);
    const [saved] = await Promise.all([officer.page.waitForEvent("download"), officer.button("Go on").click()]);
    assert.match(saved.suggestedFilename(), /^kith-[0-9A-F]{4}-[0-9A-F]{4}\.tar$/);
    const digest = createHash("sha256").update(await readFile(await saved.path())).digest("hex");
    await officer.open(transfer);
    await officer.reads("With the archive");
    await officer.write("Their reference", "NA/2101/17");
    await officer.write("Who said so there?", "Hazel Quill");
    await officer.date("On which day did they take it in?", dayOf((await clockOf(officer)).day));
    await officer.write("The digest as they read it", "ab".repeat(32));
    await officer.press("The archive has it: destroy it here");
    await officer.reads("This is not the digest of the bag that went");
    await officer.write("The digest as they read it", digest);
    await officer.press("The archive has it: destroy it here");
    await officer.reads("The archive has it");
    await officer.comesToRead(last, "1 destroyed");
    await officer.follow(`File ${String(files[0])}`);
    await officer.reads(digest);
    await officer.reads("NA/2101/17");
  });
});

async function approve(manager: Person, list: string): Promise<void> {
  await manager.open(list);
  await manager.press("Approve the destruction");
  await manager.confirm();
}
