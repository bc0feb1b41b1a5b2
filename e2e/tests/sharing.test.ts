/** Sharing: a driver is told of a session, a school gets nothing without an agreement, a consent is withdrawn, something is asked back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { House } from "../lib/house.js";
import { Looks } from "../lib/looks.js";
import { dayOf, Person, tick } from "../lib/person.js";
import { clockOf } from "../walk/clock.js";
import { fileWithSharing } from "../walk/files.js";

let looks: Looks;
const house = new House(async (house) => {
  looks = new Looks(house.browser, "sharing", true);
});

test("what goes to whom, from the officer's agreement to asking it back", async (t) => {
  const officer = await Person.signIn(house.browser, house.demo, house.demo.person("data protection"), { looks });
  const coordinator = await Person.signIn(house.browser, house.demo, house.demo.person("coordinator"), { looks });
  const today = (await clockOf(coordinator)).day;

  await t.test("the officer sees the agreements and what went, without a name", async () => {
    await officer.open("/sharing");
    await officer.reads("Nene Valley Cars");
    await officer.reads("Weaver Street Primary School");
    await officer.reads("12 days left");
    await officer.reads("Anil Sawyer");
    await officer.follow(/^Nene Valley Cars/);
    await officer.reads("Something went under it");
    await officer.open("/sharing/agreements/new");
    await officer.press("Keep this");
    await officer.reads("Enter name of the other party");
    await officer.open("/sharing/log?kind=driver");
    await officer.reads("first name");
  });

  const file = await fileWithSharing(coordinator);

  await t.test("a driver gets the package of a driver and no field more", async () => {
    await begin(coordinator, file);
    await coordinator.choose("Who gets it?", /^Nene Valley Cars/);
    await coordinator.write("Who there?", "Anil Sawyer");
    await coordinator.choose("What is it for?", "Service delivery");
    await coordinator.choose("Is whoever gets it one of the family, or related to one of them?", "No");
    await coordinator.press("Show what goes and what stays");
    await coordinator.reads("Choose the session that it is about");
    const sessions = coordinator.page.getByRole("group", { name: "Is it about a session?" });
    await tick(sessions.getByRole("radio").nth(1));
    await coordinator.press("Show what goes and what stays");
    await coordinator.reads("This goes");
    await coordinator.reads("Seat");
    const text = await coordinator.page.getByRole("main").innerText();
    assert.ok(!text.includes("Last name") && !text.includes("Medication"), text);
    await coordinator.press("Give exactly this");
    await coordinator.confirm();
    await coordinator.reads("Kept as what went");
    const paper = await coordinator.page.request.get(String(await coordinator.link("The paper as it went (PDF)").getAttribute("href")));
    assert.equal((await paper.body()).subarray(0, 5).toString(), "%PDF-");
    await coordinator.press("It was given to them on paper");
    await coordinator.reads("Given to them");
  });

  await t.test("a PDF with a password, and an address with a code that opens it once", async () => {
    await coordinator.page.getByText("As a file that they alone can open").click();
    await coordinator.choose("What can they open?", "A PDF, with a password that I tell them");
    await coordinator.write("Password", "short");
    await coordinator.press("Make the encrypted file");
    await coordinator.reads("Enter at least 16 characters");
    await coordinator.write("Password", "seven quiet boats at noon");
    const saved = coordinator.page.waitForEvent("download");
    await coordinator.page.getByRole("button", { name: "Make the encrypted file" }).click();
    assert.match((await saved).suggestedFilename(), /^information-.*\.pdf$/);
    const here = new URL(coordinator.page.url()).pathname.replace(/\/file$/, "");
    await coordinator.open(here);
    await coordinator.reads("As a PDF that opens with a password");
    await coordinator.press("Make an address and a code");
    await coordinator.reads("The code is shown once");
    const [address, code] = await coordinator.page.locator("dd code").allInnerTexts();
    await coordinator.follow("Back to what was given");
    await coordinator.reads("Opens until");
    const driver = await Person.arrive(house.browser, house.demo, house.demo.person("supervisor"), { looks });
    await driver.open(String(address));
    await driver.write("Your code", "0000-0000-0000");
    await driver.press("Open it");
    await driver.reads("This code does not open anything");
    await driver.write("Your code", String(code).toLowerCase());
    await driver.press("Open it");
    await driver.reads("Information for you");
    const taken = await driver.page.request.get(String(await driver.link(/^The information/).getAttribute("href")));
    assert.equal((await taken.body()).subarray(0, 5).toString(), "%PDF-");
    await driver.close();
    await coordinator.open(here);
    await coordinator.reads("Taken by whoever had the address and the code");
  });

  await t.test("it is asked back, with what they answer", async () => {
    await coordinator.follow("Ask it back");
    await coordinator.write("Why is it asked back?", "It went to the driver of another day");
    await coordinator.press("Ask it back");
    await coordinator.reads("Asked back");
    await coordinator.choose("What came of it?", "They say that they destroyed it");
    await coordinator.write("Who said so?", "Joan Whitlock");
    await coordinator.date("On which day?", dayOf(today));
    await coordinator.press("Keep this");
    await coordinator.reads("Asked back, answered");
  });

  await t.test("a signed report goes to the social worker's department, and a record to nobody who gets none", async () => {
    const whole = await fileWithPapers(coordinator);
    await begin(coordinator, whole);
    await coordinator.choose("Who gets it?", "Council: children’s social care");
    await coordinator.choose("What is it for?", "Official reporting");
    await coordinator.choose("Is whoever gets it one of the family, or related to one of them?", "No");
    const papers = coordinator.page.getByRole("group", { name: "Which whole papers go beside it?" });
    const report = papers.getByRole("checkbox", { name: /^Report for court/ }).first();
    await tick(report);
    // What is looked for changes the list, and what was ticked stays so.
    await coordinator.page.getByText("Find other papers").click();
    await coordinator.choose("What are they?", "Record of a session");
    await coordinator.press("Show these papers");
    assert.ok(await papers.getByRole("checkbox", { name: /^Report for court/ }).first().isChecked());
    await tick(coordinator.page.getByRole("group", { name: "Do they go alone?" }).getByRole("checkbox"));
    await coordinator.press("Show what goes and what stays");
    await coordinator.reads("Whole papers");
    await coordinator.reads("Goes");
    // The password was asked for a moment ago.
    await coordinator.press("Give exactly this");
    await coordinator.reads("Kept as what went");
    await coordinator.reads("Enclosed");
    const enclosed = coordinator.page.getByRole("link", { name: /^1\. Report for court/ });
    const paper = await coordinator.page.request.get(String(await enclosed.getAttribute("href")));
    assert.equal((await paper.body()).subarray(0, 5).toString(), "%PDF-");
    await officer.open("/sharing/log?kind=children");
    await officer.reads("report for court");
    await begin(coordinator, whole);
    await coordinator.choose("Who gets it?", "Council: learning and education");
    await coordinator.choose("What is it for?", "Service delivery");
    await coordinator.choose("Is whoever gets it one of the family, or related to one of them?", "No");
    await tick(papers.getByRole("checkbox", { name: /^Record of the session/ }).first());
    await coordinator.press("Show what goes and what stays");
    await coordinator.reads("Such a recipient does not get this kind of paper");
    await coordinator.reads("Stays");
  });

  await t.test("without an agreement nothing goes outside the council", async () => {
    await begin(coordinator, file);
    await coordinator.choose("Who gets it?", "NHS and other health services, without an agreement");
    await coordinator.choose("What is it for?", "Service delivery");
    await coordinator.choose("Is whoever gets it one of the family, or related to one of them?", "No");
    await coordinator.press("Show what goes and what stays");
    await coordinator.reads("There is no information sharing agreement with this recipient");
    assert.equal(await coordinator.page.getByRole("button", { name: "Give exactly this" }).count(), 0);
  });

  await t.test("a consent is withdrawn, and the school gets nothing from then on", async () => {
    await coordinator.open(`${file}/sharing`);
    await coordinator.leave(coordinator.page.getByRole("link", { name: /^It is withdrawn/ }).first());
    await coordinator.write("Who said it?", "The mother");
    await coordinator.choose("With what authority?", "For the child, with parental responsibility");
    await coordinator.choose("How do we know?", "Spoken, and written down by us");
    await coordinator.press("Withdraw it now");
    await coordinator.reads("Nothing goes from now on that rests on it");
    await begin(coordinator, file);
    await coordinator.choose("Who gets it?", /^Weaver Street Primary School/);
    await coordinator.choose("What is it for?", "Service delivery");
    await coordinator.choose("Is whoever gets it one of the family, or related to one of them?", "No");
    await coordinator.press("Show what goes and what stays");
    await coordinator.reads("Consent was withdrawn");
    await coordinator.reads("Nothing can go");
  });
  await officer.close();
  await coordinator.close();
});

/** A file with a signed report and a signed record. */
async function fileWithPapers(coordinator: Person): Promise<string> {
  await coordinator.open("/children");
  const links = await coordinator.page.getByRole("main").getByRole("link").evaluateAll((all) => all.map((a) => a.getAttribute("href") ?? ""));
  for (const to of links.filter((to) => /^\/children\/[0-9a-f-]{36}$/.test(to))) {
    await coordinator.open(`${to}/disclosures/new`);
    const text = await coordinator.page.getByRole("main").innerText();
    if (text.includes("Report for court,") && text.includes("Record of the session on")) return to;
  }
  throw new Error("the demo has no signed report");
}

async function begin(coordinator: Person, file: string): Promise<void> {
  await coordinator.open(`${file}/sharing`);
  await coordinator.press("Give information to somebody");
}
