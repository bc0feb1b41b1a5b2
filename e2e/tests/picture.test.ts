/** The family picture: a family of twelve, looked at on a desk, on a phone and on paper. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { House } from "../lib/house.js";
import { Looks } from "../lib/looks.js";
import { Person } from "../lib/person.js";

let looks: Looks;
const house = new House(async (house) => {
  looks = new Looks(house.browser, "picture", true);
});

/** First names, last name, relationship, whether they may attend. */
const FAMILY = [
  ["Gethin", "Garrowby", "Father", "Yes"],
  ["Maria-Magdalena", "Featherstonehaugh-Cholmondeley", "Grandparent", "Yes"],
  ["Ifor", "Garrowby", "Aunt or uncle", "No: must not attend"],
  ["Carys", "Tremlett", "Friend of the family", "Yes"],
] as const;

/** Name, where they live, whether the child may see them. */
const SIBLINGS = [
  ["Bethan Garrowby", "With this child", "Yes, supervised"],
  ["Iolo Stokoe", "Adopted", "No"],
] as const;

test("a family is seen as a picture and read in words", async () => {
  const worker = await Person.signIn(house.browser, house.demo, house.demo.person("social-worker"), { looks });
  await worker.open("/children");
  await worker.follow("Osian Garrowby");
  const file = worker.path;
  const fill = (name: string, value: string) => worker.page.locator(`[name="${name}"]`).first().fill(value);
  const told = async () => {
    await fill("told_by", "Beverley Axton, carer");
    await worker.select("How were you told?", "By phone");
    await worker.date("Since when is it so?", [20, 11, 2026]);
  };
  for (const [given, last, relationship, attends] of FAMILY) {
    await worker.open(`${file}/family/new`);
    await fill("given_name", given);
    await fill("family_name", last);
    await worker.page.getByLabel(relationship, { exact: true }).check();
    await worker.choose("Do they have parental responsibility?", "No");
    await worker.page.getByLabel("None of these").check();
    await worker.choose("May they attend?", attends);
    await worker.choose("Is a risk known from this person?", "No risk known");
    await told();
    await worker.press("Add to the family");
    await worker.reads(`${given} ${last}`);
  }
  await worker.open(`${file}/facts/siblings`);
  await told();
  for (const [at, [name, lives, seen]] of SIBLINGS.entries()) {
    if (at > 0) await worker.page.getByRole("button", { name: /^Add another/ }).click();
    const part = (field: string) => `siblings.${String(at)}.${field}`;
    await fill(part("name"), name);
    const choice = (field: string, words: string) =>
      worker.page.locator(`label:has-text("${words}")`).and(worker.page.locator(`label[for^="${part(field)}"]`)).click();
    await choice("lives", lives);
    await choice("seen", seen);
  }
  await worker.press("Save the change");
  await worker.open(file);
  await worker.follow(/^The family picture/);
  await worker.reads("The same in words");
  await worker.reads("Must not see each other");
  const drawing = worker.page.getByRole("img", { name: "The family picture" });
  await drawing.waitFor();
  // What is wider than the box is moved inside it, also by keyboard.
  const box = worker.page.getByRole("region", { name: /^The family picture/ });
  await box.focus();
  await worker.page.setViewportSize({ width: 390, height: 844 });
  const inside = await box.evaluate((element) => element.scrollWidth > element.clientWidth);
  assert.ok(inside, "on a phone the picture is wider than its box");
  await worker.page.setViewportSize({ width: 1280, height: 900 });
});
