/** The public notice, somebody who asks for their rights, and something that happened to data with what an account opened. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { House } from "../lib/house.js";
import { Looks } from "../lib/looks.js";
import { dayOf, Person, tick } from "../lib/person.js";
import { clockOf } from "../walk/clock.js";
import { fileWithSharing } from "../walk/files.js";

let looks: Looks;
const house = new House(async (house) => {
  looks = new Looks(house.browser, "rights", true);
});

test("the public notice in both languages, easy to read and for children", async () => {
  const stranger = await Person.arrive(house.browser, house.demo, house.demo.person("supervisor"), { looks });
  await stranger.open("/sign-in");
  await stranger.follow("Privacy notice");
  await stranger.reads("What personal information do we collect to deliver this service?");
  await stranger.reads("Current school details (school");
  for (const [way, words] of [
    ["What we write down about you, and why", "Somebody is in the room with you"],
    ["How we use information about you: easy read", "Some children do not live with their family"],
    ["Hysbysiad preifatrwydd", "Cyfieithiad drafft"],
    ["Yr hyn rydym yn ei ysgrifennu amdanat ti, a pham", "Mae rhywun yn yr ystafell gyda ti"],
  ] as const) {
    await stranger.follow(way);
    await stranger.reads(words);
  }
  assert.equal(await stranger.page.locator("div[lang=cy]").count(), 1, "a screen reader is told the language");
  const paper = await stranger.page.request.get(String(await stranger.link("As a PDF file, to print").getAttribute("href")));
  assert.equal((await paper.body()).subarray(0, 5).toString(), "%PDF-");
  await stranger.close();
});

test("a request from the public page to the answer", async (t) => {
  const stranger = await Person.arrive(house.browser, house.demo, house.demo.person("supervisor"), { looks });
  const officer = await Person.signIn(house.browser, house.demo, house.demo.person("data protection"), { looks });

  await t.test("somebody asks, and nothing typed is lost", async () => {
    await stranger.open("/your-rights");
    await stranger.choose("What do you want to ask for?", "That a person looks at a decision about me");
    await stranger.choose("Who are you?", "I am a parent and ask about a child");
    await stranger.write("Your name", "Morwenna Tredinnick-Abara");
    await stranger.write("What do you want to know, or what should we do?", "Why may I not come on Sundays? Let somebody else look at it");
    await stranger.press("Send");
    await stranger.reads("There is a problem");
    assert.equal(await stranger.field("Your name").inputValue(), "Morwenna Tredinnick-Abara");
    await stranger.write("Whom is it about? (if it is somebody else)", "Jago Tredinnick-Abara");
    await stranger.write("Email", "morwenna@example.org");
    await stranger.press("Send");
    assert.equal(await stranger.heading(), "We have your request");
    await stranger.reads("at the latest");
    await stranger.close();
  });

  await t.test("the officer asks back, the clock stops and goes on", async () => {
    await officer.isTold("Somebody has asked about information that is held of them");
    await officer.open("/requests");
    await officer.follow(/Jago Tredinnick-Abara/);
    await officer.reads("Last day:");
    await officer.follow("Look whether they are held, and what to know before anything leaves");
    await officer.reads("Looked for in every file");
    await officer.follow("Back");
    await officer.choose("What was done?", "Asked who they are: the clock stops");
    await officer.press("Keep this step");
    await officer.reads("Enter what they were asked for");
    await officer.write("What is there to say of it?", "A copy of a passport, and the birth certificate");
    await officer.press("Keep this step");
    await officer.reads("The clock has stopped since");
    for (const [step, words] of [
      ["We know who they are", "Passport seen"],
      ["They may ask for the person", "Named on the birth certificate"],
      ["The answer has gone out", "By email, to the address on the request: looked at again"],
    ] as const) {
      await officer.choose("What was done?", step);
      await officer.write("What is there to say of it?", words);
      await officer.press("Keep this step");
      await officer.reads(words);
    }
    await officer.reads("Answered");
    await officer.reads("This request is kept until");
    const letter = await officer.page.request.get(String(await officer.link("Our answer (PDF)").getAttribute("href")));
    assert.equal((await letter.body()).subarray(0, 5).toString(), "%PDF-");
    await officer.open("/requests?closed=1");
    await officer.reads("Jago Tredinnick-Abara");
    await officer.close();
  });
});

/** A request that came by letter, of somebody who is held, up to the place in which something is decided. */
async function toThePlace(officer: Person, right: string, who: string, words: string, stands = /^File .+: one of the family$/): Promise<void> {
  const today = (await clockOf(officer)).day;
  await officer.open("/requests/new");
  await officer.choose("How did it come?", "By letter");
  await officer.date("On which day was it received?", dayOf(today));
  await officer.choose("What do they ask for?", right);
  await officer.choose("Who asks?", "The person it is about");
  await officer.write("Name of who asks", who);
  await officer.write("What do they ask, in their words?", words);
  await officer.write("Their address", "4 Mill Lane, Nenebridge");
  await officer.press("Write it down");
  await officer.reads("Look whether they are held, and say who is meant");
  await officer.choose("What was done?", "We know who they are");
  await officer.write("What is there to say of it?", "Passport seen");
  await officer.press("Keep this step");
  await officer.follow("Look whether they are held, and what to know before anything leaves");
  await tick(officer.page.getByRole("checkbox", { name: new RegExp(`^${who}: `) }).first());
  await officer.press("Keep this");
  await officer.follow("Back");
  await officer.reads("Nothing is decided yet");
  await officer.follow(stands);
}

async function answered(officer: Person): Promise<void> {
  const letter = await officer.page.request.get(String(await officer.link("Our answer (PDF)").getAttribute("href")));
  assert.equal((await letter.body()).subarray(0, 5).toString(), "%PDF-");
  await officer.choose("What was done?", "The answer has gone out");
  await officer.write("What is there to say of it?", "By post to 4 Mill Lane");
  await officer.press("Keep this step");
  await officer.reads("Answered");
}

test("a restriction and an objection are decided and done from the request, and lifted from it", async (t) => {
  const officer = await Person.signIn(house.browser, house.demo, house.demo.person("data protection"), { looks });
  const coordinator = await Person.signIn(house.browser, house.demo, house.demo.person("coordinator"));
  const [mother, child] = ["Kinga Wilczura", "Maja Wilczura"];
  await coordinator.open("/children");
  await coordinator.follow(new RegExp(child), coordinator.page.getByRole("main"));
  await coordinator.reads(mother);
  const file = coordinator.path;

  await t.test("what is restricted is on the file no more", async () => {
    await toThePlace(officer, "To stop using it for a while", mother, "My name is not spelt like that any more");
    await officer.press("Decide, and do it");
    await officer.reads("Select what you decide");
    await tick(officer.page.getByRole("checkbox", { name: /^Last name: / }).first());
    await officer.choose("What do you decide?", "We do what they ask");
    await officer.write("Why?", "Until we have seen the deed poll");
    await officer.press("Decide, and do it");
    await officer.reads("Not used any more: Last name");
    await coordinator.open(file);
    assert.doesNotMatch(await coordinator.page.getByRole("main").innerText(), new RegExp(mother));
    await officer.follow("Back");
    await answered(officer);
  });

  await t.test("and is used again, once they were told", async () => {
    await officer.follow(/^File .+: one of the family$/);
    await officer.follow(/^Use it again/);
    await officer.write("Why is it used again, and when and how were they told?", "The deed poll is here. Told by letter today");
    await officer.press("Use it again");
    await officer.reads("Used again since");
    await coordinator.open(file);
    await coordinator.reads(mother);
  });

  await t.test("an objection is weighed, and what is upheld stands among the consents of the file", async () => {
    await toThePlace(officer, "Not to use it in a certain way", mother, "The school must not hear of me");
    await officer.choose("What do they object to?", "Giving it to somebody");
    await tick(officer.page.getByRole("checkbox", { name: "School or nursery" }).first());
    await officer.write("What weighs for them?", "She teaches there");
    await officer.write("What weighs for going on?", "The school plans the days without it");
    await officer.choose("What do you decide?", "We do what they ask");
    await officer.write("Why?", "Nothing of the case needs it");
    await officer.press("Decide, and do it");
    await officer.reads("Stopped: School or nursery");
    await officer.follow("Back");
    await answered(officer);
    await coordinator.open(`${file}/sharing`);
    await coordinator.reads("They objected, and it stops");
  });
  await officer.close();
  await coordinator.close();
});

test("what was wrong is put right, and whoever had it is told", async () => {
  const officer = await Person.signIn(house.browser, house.demo, house.demo.person("data protection"), { looks });
  const coordinator = await Person.signIn(house.browser, house.demo, house.demo.person("coordinator"), { looks });
  const file = await fileWithSharing(coordinator);
  await coordinator.open(file);
  const child = await coordinator.heading();
  await toThePlace(officer, "To have something put right", child, "My name is spelt otherwise", /^File .+: the child$/);
  const place = officer.path + new URL(officer.page.url()).search;
  await officer.reads("By what was it put right?");

  await coordinator.open(`${file}/facts/identity`);
  await coordinator.write("First names", "Ottoline");
  await coordinator.write("Who told you?", "The registrar");
  await coordinator.select("How were you told?", "By phone");
  await coordinator.date("Since when is it so?", [13, 11, 2026]);
  await coordinator.press("Save the change");
  await coordinator.open(`${file}/sharing`);
  await coordinator.reads("Tell them that it was wrong");

  await officer.open(place);
  await tick(officer.page.getByRole("checkbox", { name: /The registrar/ }).first());
  await officer.choose("What do you decide?", "We do what they ask");
  await officer.write("Why?", "The certificate says so");
  await officer.press("Decide, and do it");
  await officer.reads("Put right: ");
  await officer.reads(/Nene Valley Cars.*Not told yet/s);

  await coordinator.leave(coordinator.page.getByRole("main").getByRole("link", { name: /Nene Valley Cars/ }).first());
  await coordinator.reads("What was wrong");
  await coordinator.date("On which day were they told?", dayOf((await clockOf(coordinator)).day));
  await coordinator.write("How, and whom?", "By phone, their office");
  await coordinator.press("They have been told");
  await officer.open(place);
  await officer.reads(/Nene Valley Cars.*Told, .*By phone, their office/s);
  await officer.close();
  await coordinator.close();
});

test("whoever reads the notice in Welsh asks in Welsh", async () => {
  const stranger = await Person.arrive(house.browser, house.demo, house.demo.person("supervisor"), { looks });
  await stranger.open("/your-rights");
  await stranger.follow("Cymraeg");
  await stranger.choose("Am beth ydych chi am ofyn?", "Gweld yr hyn sydd gennych amdanaf i, neu am blentyn");
  await stranger.choose("Pwy ydych chi?", "Rwy’n gofyn amdanaf fy hun");
  await stranger.write("Eich enw", "Gwenllian Prydderch-Ellis");
  await stranger.write("Beth ydych chi am ei wybod, neu beth y dylem ei wneud?", "Popeth amdanaf");
  await stranger.press("Anfon");
  await stranger.reads("Mae problem");
  await stranger.write("E-bost", "gwenllian@example.org");
  await stranger.press("Anfon");
  await stranger.reads("Mae eich cais gennym");
  await stranger.close();
});

test("something happened to data: from the suspicion to the letter", async () => {
  const supervisor = await Person.signIn(house.browser, house.demo, house.demo.person("supervisor"), { looks });
  const day = (await clockOf(supervisor)).day;
  await supervisor.follow("Something happened to data");
  await supervisor.choose("What kind of thing happened?", "Somebody saw or got what they must not");
  await supervisor.write("What happened?", "A letter with a mother’s new address went to her former partner’s mother");
  await supervisor.write("Whose information is it?", "One mother and two children");
  await supervisor.date("On which day did you notice it?", dayOf(day));
  await supervisor.write("At what time?", "00:10");
  await supervisor.press("Tell the data protection officer");
  await supervisor.reads("the 72 hours run");
  await supervisor.close();
  const coordinator = await Person.signIn(house.browser, house.demo, house.demo.person("coordinator"), { looks });
  await coordinator.open("/children");
  await coordinator.close();

  const officer = await Person.signIn(house.browser, house.demo, house.demo.person("data protection"), { looks });
  await officer.isTold("Something may have happened to personal data");
  await officer.open("/breaches");
  await officer.reads(/\d+ hours left/);
  await officer.leave(officer.page.getByRole("main").getByRole("rowheader").getByRole("link").first());
  await officer.follow("Look at what an account opened");
  await officer.select("Whose account?", `${house.demo.person("coordinator").name}, Coordinator`);
  await officer.date("From which day?", dayOf(day));
  await officer.write("From what time?", "00:00");
  await officer.date("Until which day?", dayOf(day));
  await officer.write("Until what time?", "23:59");
  await officer.press("Look");
  await officer.reads("Said to be affected: 0 files");
  await tick(officer.page.getByRole("main").getByRole("checkbox").first());
  await officer.press("Those ticked are affected");
  await officer.reads("Said to be affected: 1 file.");
  await officer.press("All of them are affected");
  await officer.reads("The papers for the Commissioner and for the people say so many");
  await officer.follow("Back");
  await officer.reads("Said to be affected:");
  for (const [step, words] of [
    ["It was contained", "The letter was given back unopened"],
    ["The risk was assessed", "He may know the street"],
    ["The Commissioner was told", "By their form"],
    ["The people affected were told", "Call us if you see him"],
    ["What was learnt", "Addresses of letters are read by two people"],
    ["Closed", "Everything was done"],
  ] as const) {
    await officer.choose("What was done?", step);
    if (step === "The risk was assessed") {
      await officer.choose("What is the risk to people?", "A high risk");
      await officer.write("About how many people is it?", "3");
    }
    await officer.write("What is there to say of it?", words);
    await officer.press("Keep this step");
    await officer.reads(words);
  }
  for (const paper of ["For the Commissioner (PDF)", "For the people affected (PDF)"]) {
    const answer = await officer.page.request.get(String(await officer.link(paper).getAttribute("href")));
    assert.equal((await answer.body()).subarray(0, 5).toString(), "%PDF-", paper);
  }
  await officer.close();
});
