/** Somebody asks to see what is held: from the request to the pack that they take with a code. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { House } from "../lib/house.js";
import { Looks } from "../lib/looks.js";
import { dayOf, Person, tick } from "../lib/person.js";
import { clockOf } from "../walk/clock.js";

const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
/** Parts that are looked through at most. */
const PARTS_MAX = 400;

let looks: Looks;
const house = new House(async (house) => {
  looks = new Looks(house.browser, "pack", true);
});

async function step(person: Person, kind: string, words: string): Promise<void> {
  await person.choose("What was done?", kind);
  await person.write("What is there to say of it?", words);
  await person.press("Keep this step");
}

test("what is held, from the request to the code", async (t) => {
  const officer = await Person.signIn(house.browser, house.demo, house.demo.person("data protection"), { looks });
  const second = await Person.signIn(house.browser, house.demo, house.demo.person("data protection", 1), { looks });
  const [mother, child] = ["Kinga Wilczura", "Maja Wilczura"];
  const today = (await clockOf(officer)).day;

  await t.test("a drawing that the mother gave is a document of the file", async () => {
    const coordinator = await Person.signIn(house.browser, house.demo, house.demo.person("coordinator"));
    await coordinator.open("/children");
    await coordinator.follow(new RegExp(child), coordinator.page.getByRole("main"));
    await coordinator.open(`${coordinator.path}/documents`);
    await coordinator.choose("What is it?", "Photograph");
    await coordinator.write("Describe it, if that helps to find it", `Given by ${mother}`);
    await coordinator.field("The file").setInputFiles({ name: "drawing.png", mimeType: "image/png", buffer: PNG });
    await coordinator.press("Add the document");
    await coordinator.reads("The document has been added");
    await coordinator.close();
  });

  await t.test("the officer writes the request down, sees who asks and where they are held", async () => {
    await officer.open("/requests/new");
    await officer.choose("How did it come?", "By phone");
    await officer.date("On which day was it received?", dayOf(today));
    await officer.choose("What do they ask for?", "To see what is held about them, or a child");
    await officer.choose("Who asks?", "The person it is about");
    await officer.write("Name of who asks", mother);
    await officer.write("What do they ask, in their words?", "Everything that you have about me");
    await officer.write("Their address", "4 Mill Lane, Nenebridge");
    await officer.press("Write it down");
    await step(officer, "We know who they are", "Passport seen");
    await officer.follow("Look whether they are held, and what to know before anything leaves");
    const box = officer.page.getByRole("checkbox", { name: new RegExp(`^${mother}: `) }).first();
    await tick(box);
    await officer.press("Keep this");
    await officer.reads("Before anything leaves");
    await officer.follow("Back");
  });
  const request = officer.path;

  await t.test("what is held is collected", async () => {
    await officer.follow("Collect what is held, look it through, hand it over");
    await officer.press("Collect what is held");
    await officer.comesToRead(officer.path, "Names of others in it");
    await officer.reads("To be looked through");
    await officer.reads(child);
  });
  const pack = officer.path;

  await t.test("a part is looked through: words selected are taken out", async () => {
    await officer.leave(officer.page.getByRole("main").getByRole("rowheader").getByRole("link").first());
    const line = officer.page.locator("[data-line]").last();
    const word = (await line.innerText()).split(/[^\p{L}]+/u).find((word) => word.length > 4) ?? "";
    await line.evaluate((of, word) => {
      const text = [...of.childNodes].find((node) => node.textContent?.includes(word)) as Node;
      const node = text.nodeType === Node.TEXT_NODE ? text : (text.firstChild as Node);
      const from = node.textContent?.indexOf(word) ?? 0;
      const range = document.createRange();
      range.setStart(node, from);
      range.setEnd(node, from + 3);
      const selection = document.getSelection();
      selection?.removeAllRanges();
      selection?.addRange(range);
      of.dispatchEvent(new MouseEvent("mouseup", { bubbles: true }));
    }, word);
    assert.equal(await officer.field("Words").inputValue(), word.slice(0, 3), "what is selected is in the form");
    await officer.select("Why", "It would be likely to cause serious harm (Schedule 3, paragraph 11)");
    await officer.press("Take these words out");
    await officer.reads("Taken out by hand");
    const struck = officer.page.locator("[data-line] .kith-words--removed").last();
    assert.equal(await struck.innerText(), word, "half a word takes the whole of it");
  });

  await t.test("every name is decided about, and whose the rest is", async () => {
    await officer.open(pack);
    const names = officer.page.getByLabel("Whose name", { exact: true });
    while ((await names.count()) > 0) {
      const label = await names.locator("option").nth(1).innerText();
      await names.selectOption({ index: 1 });
      const becomes = officer.page.getByLabel("What becomes of it", { exact: true });
      await becomes.selectOption(label.startsWith(child) ? "keep" : "another");
      await officer.press("Decide it everywhere");
    }
    for (let part = 0; part < PARTS_MAX; part += 1) {
      await officer.open(pack);
      const open = officer.page.getByRole("main").getByRole("rowheader").getByRole("link");
      if ((await open.count()) === 0) break;
      await officer.leave(open.first());
      const document = officer.page.getByLabel("Does it go along?", { exact: true });
      if ((await document.count()) > 0) {
        const shown = await officer.page.request.get(String(await officer.link(/^Open the document/).getAttribute("href")));
        assert.ok((await shown.body()).equals(PNG), "the officer sees it before they decide");
        await document.selectOption({ label: "It goes along as it is" });
        await officer.press("Keep this decision");
        await officer.press("It is about them");
        continue;
      }
      await officer.press(part % 2 === 0 ? "It is about them" : "It is not about them");
    }
    await officer.open(pack);
    await officer.reads("Everything is decided.");
  });

  await t.test("a second person reads it and lets it go", async () => {
    await officer.open(request);
    await step(officer, "The answer is prepared", "Here is what we hold about you");
    await officer.open(pack);
    await officer.comesToRead(officer.path, "As it leaves");
    await second.open(pack);
    for (const paper of [/^Volume 1/, /^Document of part/, "The same as data (JSON)"]) {
      const answer = await second.page.request.get(String(await second.link(paper).getAttribute("href")));
      assert.equal(answer.status(), 200);
    }
    await second.follow("What was taken out and why: stays inside");
    await second.reads("This list stays inside.");
    await second.open(request);
    await step(second, "The answer has gone out", "Looked at, and sent");
    await second.reads("Answered");
  });

  await t.test("whoever asked takes it with the code, once", async () => {
    await officer.open(pack);
    await officer.press("Make an address and a code");
    const [address, code] = await officer.page.getByRole("main").locator("code").allInnerTexts();
    const stranger = await Person.arrive(house.browser, house.demo, house.demo.person("supervisor"), { looks });
    await stranger.open(String(address));
    await stranger.write("Your code", "0000-0000-0000");
    await stranger.press("Open it");
    await stranger.reads("This code does not open anything");
    await stranger.write("Your code", String(code));
    await stranger.press("Open it");
    await stranger.reads("Volume 1 (PDF");
    const volume = await stranger.page.request.get(String(await stranger.link(/^Volume 1/).getAttribute("href")));
    assert.equal((await volume.body()).subarray(0, 5).toString(), "%PDF-");
    const given = await stranger.page.request.get(String(await stranger.link(/^Document of part/).getAttribute("href")));
    assert.ok((await given.body()).equals(PNG), "the document goes along as it is");
    const another = await Person.arrive(house.browser, house.demo, house.demo.person("supervisor"));
    await another.open(`${String(address)}/files`);
    await another.write("Your code", String(code));
    await another.press("Open it");
    await another.reads("This code does not open anything");
    await another.close();
    await stranger.close();
    await officer.open(pack);
    await officer.reads("Opened");
  });
  await officer.close();
  await second.close();
});
