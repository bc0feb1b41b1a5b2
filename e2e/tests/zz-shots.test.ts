import { test } from "node:test";
import { House } from "../lib/house.js";
import { Person } from "../lib/person.js";
const house = new House(async () => {});
test("shots of matching", async () => {
  const person = await Person.signIn(house.browser, house.demo, house.demo.person("coordinator"), {});
  const shoot = async (name: string) => {
    for (const width of [1280, 390]) {
      await person.page.setViewportSize({ width, height: 900 });
      await person.page.screenshot({ path: `/tmp/shots/${name}-${width}.png`, fullPage: true });
    }
    await person.page.setViewportSize({ width: 1280, height: 900 });
  };
  await person.open("/children");
  await shoot("children");
  const search = async (text: string) => {
    await person.open("/children");
    await person.page.fill("#name", text);
    await person.page.click("form[role=search] button");
    await person.page.waitForSelector("h1");
  };
  for (const [name, text] of [["found", "a"], ["nobody", "Zzyzx"], ["phone", "01632"]]) { await search(text); await shoot(name); }
  await person.open("/children");
  const child = await person.page.locator("tbody a").first().getAttribute("href");
  const surname = (await person.page.locator("tbody a").first().innerText()).split(" ").pop() ?? "";
  await search(surname); await shoot("surname");
  await person.open(child ?? "/");
  const same = await person.page.locator("a[href$='/same']").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
  for (const at of same.slice(0, 2)) { await person.open(at ?? "/"); await person.page.evaluate(() => document.querySelectorAll("details").forEach((d) => (d.open = true))); await shoot(`same-${same.indexOf(at)}`); }
  await person.open("/referrals");
  const links = await person.page.locator("main a[href^='/referrals/']").evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).pathname));
  let n = 0;
  for (const at of [...new Set(links)].filter((of) => /^\/referrals\/[0-9a-f-]{36}/.test(of)).slice(0, 12)) {
    await person.page.goto(new URL(`${at.split("/").slice(0, 3).join("/")}/matches`, person.page.url()).href);
    if ((await person.page.locator(".kith-card, .govuk-inset-text").count()) > 0 || n === 0) {
      await person.page.evaluate(() => document.querySelectorAll("details").forEach((d) => (d.open = true)));
      await shoot(`matches-${n++}`);
    }
    if (n > 2) break;
  }
  await person.close();
});
