/** With the keyboard alone: Tab, Space and Enter. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Locator, Page } from "playwright-core";
import { House } from "../lib/house.js";

/** More stops than any page has. */
const STOPS_MAX = 120;

const house = new House();

/** Presses Tab until something has the focus; what has the focus must be seen to have it. */
async function tabTo(page: Page, what: Locator): Promise<void> {
  for (let stop = 0; stop < STOPS_MAX; stop += 1) {
    if (await what.evaluate((element) => element === document.activeElement)) {
      const visible = await what.evaluate((element) => {
        const { outlineStyle, boxShadow } = getComputedStyle(element);
        return outlineStyle !== "none" || boxShadow !== "none";
      });
      assert.ok(visible, `the focus on ${String(what)} cannot be seen`);
      return;
    }
    await page.keyboard.press("Tab");
  }
  throw new Error(`the Tab key does not reach ${String(what)}`);
}

async function pressOn(page: Page, what: Locator): Promise<void> {
  await tabTo(page, what);
  const elsewhere = page.waitForEvent("framenavigated");
  await page.keyboard.press("Enter");
  await elsewhere;
  await page.waitForLoadState("load");
}

test("signing in and saving a section needs no mouse", async () => {
  const login = house.demo.person("social worker");
  const context = await house.browser.newContext({ baseURL: house.demo.origin });
  const page = await context.newPage();
  const type = async (label: string, text: string): Promise<void> => {
    await tabTo(page, page.getByLabel(label, { exact: true }));
    await page.keyboard.type(text);
  };
  const link = (name: string): Locator => page.getByRole("link", { name, exact: true });

  await page.goto("/sign-in");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate("document.activeElement.textContent"), "Skip to main content");
  await type("Sign-in name", login.login);
  await type("Password", login.password);
  await type("Code", await login.authenticator.code());
  const home = page.waitForURL("/");
  await page.keyboard.press("Enter");
  await home;

  await pressOn(page, link("Refer a child"));
  await pressOn(page, page.getByRole("button", { name: "Start" }));
  await type("First names", "Siân");
  const sex = page.getByRole("group", { name: "Sex" });
  await tabTo(page, sex.getByRole("radio").first());
  await page.keyboard.press("ArrowDown");
  assert.ok(await sex.getByLabel("Male", { exact: true }).isChecked());
  const allergies = page.getByRole("group", { name: "Does the child have any allergies?" });
  await tabTo(page, allergies.getByRole("radio").first());
  await page.keyboard.press("Space");
  await type("Allergic to", "Eggs");
  await tabTo(page, page.getByRole("button", { name: "Add another allergy" }));
  await page.keyboard.press("Enter");
  await page.getByLabel("Allergic to").nth(1).fill("Bee stings");
  await pressOn(page, page.getByRole("button", { name: "Save as it is and come back later" }));

  await pressOn(page, link("The child"));
  assert.equal(await page.getByLabel("First names").inputValue(), "Siân");
  assert.equal(await page.getByLabel("Allergic to").nth(0).inputValue(), "Eggs");
  assert.equal(await page.getByLabel("Allergic to").nth(1).inputValue(), "Bee stings");
  await context.close();
});
