/** The family picture: a family of twelve, looked at on a desk, on a phone and on paper. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { House } from "../lib/house.js";
import { Looks } from "../lib/looks.js";
import { Person, tick } from "../lib/person.js";

let looks: Looks;
const house = new House(async (house) => {
  looks = new Looks(house.browser, "picture", true);
});

/** First names, last name, relationship, whether they may attend. */
const FAMILY = [
  ["Gethin", "Garrowby", "Father", "Yes"],
  ["Maria-Magdalena", "Featherstonehaugh-Cholmondeley", "Grandparent", "Yes"],
  ["Ifor", "Garrowby", "Aunt or uncle", "No"],
  ["Eluned", "Garrowby", "Grandparent", "Yes"],
  ["Dilys", "Stokoe", "Other family", "No"],
  ["Carys", "Tremlett", "Friend of the family", "Yes"],
] as const;

/** Name, where they live, whether the child may see them, by its code. */
const SIBLINGS = [
  ["Bethan Garrowby", "With this child", "supervised"],
  ["Iolo Stokoe", "Adopted", "no"],
  ["Macsen", "With a parent", "undecided"],
] as const;

/** Who is kept apart from whom. */
const APART = [
  ["Lowri Garrowby", "Gethin Garrowby"],
  ["Carys Tremlett", "Lowri Garrowby"],
] as const;

test("a family is seen as a picture and read in words", async () => {
  const worker = await Person.signIn(house.browser, house.demo, house.demo.person("social-worker"), { looks });
  await worker.open("/children");
  await worker.follow("Osian Garrowby");
  const file = worker.path;
  const page = worker.page;
  const fill = (name: string, value: string) => page.locator(`[name="${name}"]`).first().fill(value);
  const told = async () => {
    await fill("told_by", "Beverley Axton, carer");
    await worker.select("How were you told?", "By phone");
    await worker.date("Since when is it so?", [20, 11, 2026]);
  };
  /** Opens what is folded away, and one more row of a list where there is none left. */
  const ready = async (field: string) => {
    for (const folded of await page.locator("main details:not([open]) > summary").all()) await folded.click();
    if ((await page.locator(`[name="${field}"]`).count()) > 0) return;
    await page.getByRole("button", { name: /^Add another/ }).last().click();
  };
  for (const [given, last, relationship, attends] of FAMILY) {
    await worker.open(`${file}/family/new`);
    await fill("given_name", given);
    await fill("family_name", last);
    await worker.select("Relationship to the child", relationship);
    await worker.choose("Do they have parental responsibility?", "No");
    await worker.select("Entitlement to contact", "None of these");
    await worker.choose("May they attend?", attends);
    await worker.choose("Is a risk known from this person?", "No risk known");
    await told();
    await worker.press("Add to the family");
    await worker.reads(`${given} ${last}`);
  }
  await worker.open(`${file}/facts/siblings`);
  await told();
  for (const [at, [name, lives, seen]] of SIBLINGS.entries()) {
    await ready(`siblings.${String(at)}.name`);
    const part = (field: string) => `siblings.${String(at)}.${field}`;
    await fill(part("name"), name);
    await page.locator(`[name="${part("lives")}"]`).selectOption({ label: lives });
    await tick(page.locator(`[name="${part("seen")}"][value="${seen}"]`));
  }
  await worker.press("Save the change");
  await worker.open(`${file}/facts/rules`);
  await told();
  for (const [at, [one, other]] of APART.entries()) {
    await ready(`keep_apart.${String(at)}.one`);
    await page.locator(`[name="keep_apart.${String(at)}.one"]`).selectOption({ label: one });
    await page.locator(`[name="keep_apart.${String(at)}.other"]`).selectOption({ label: other });
  }
  await worker.press("Save the change");
  await worker.open(file);
  await worker.follow(/^The family picture/);
  await worker.reads("The same in words");
  await worker.reads("Must not see each other");
  const drawing = page.getByRole("img", { name: "The family picture" });
  await drawing.waitFor();
  // What is wider than the box is moved inside it, also by keyboard.
  const box = page.getByRole("region", { name: /^The family picture/ });
  await box.focus();
  await page.setViewportSize({ width: 390, height: 844 });
  const inside = await box.evaluate((element) => element.scrollWidth > element.clientWidth);
  assert.ok(inside, "on a phone the picture is wider than its box");
  await page.setViewportSize({ width: 1280, height: 900 });
  if (process.env["KITH_SHOTS"] === "1") await page.pdf({ path: "shots/picture.pdf", preferCSSPageSize: true });
});
