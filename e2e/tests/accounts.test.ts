/** A new colleague: asked for, agreed to, taken up in one browser; then what they do with their own account. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Login } from "../lib/demo.js";
import { House } from "../lib/house.js";
import { Looks } from "../lib/looks.js";
import { Person } from "../lib/person.js";
import { Authenticator } from "../lib/totp.js";

let looks: Looks;
const house = new House(async (house) => {
  looks = new Looks(house.browser, "accounts", true);
});

const LOGIN = "ines.moreau";
const PASSWORD = "nine tall lanterns";
const NEXT_PASSWORD = "slow otters cross at noon";

for (const scripted of [true, false]) {
  const how = scripted ? "" : ", without scripts";
  test(`a new colleague’s account takes two people, and is then their own${how}`, async (t) => {
    const habits = scripted ? { looks } : { scripted };
    const name = scripted ? "Ines Moreau" : "Ivo Moreau";
    const login: Login = {
      role: "Contact supervisor",
      name,
      login: scripted ? LOGIN : "ivo.moreau",
      password: PASSWORD,
      authenticator: new Authenticator("AAAA"),
    };
    const administrator = await Person.signIn(house.browser, house.demo, house.demo.person("administrator"), habits);
    await administrator.open("/admin/accounts/new");
    await administrator.write("Name", name);
    await administrator.write("Sign-in name", login.login);
    await administrator.choose("Role", "Contact supervisor");
    await administrator.select("Area", "North Nenedale");
    await administrator.write("Work phone number", "01632 960 299");
    await administrator.write("Work email", "colleague@nenedale.example");
    await administrator.press("Ask for the account");
    await administrator.confirm();
    await administrator.reads("waits for agreement by");
    const account = administrator.path;
    await administrator.open("/admin/accounts");
    await administrator.reads("Asked for");

    const manager = await Person.signIn(house.browser, house.demo, house.demo.person("manager"), habits);
    await manager.follow("Something asked for a colleague’s account waits for your agreement");
    await manager.reads("do they work here?");
    await manager.press("I agree");
    await manager.confirm();
    const code = await manager.page.getByRole("main").locator("code").innerText();

    await administrator.open(account);
    await administrator.press("Show the link");
    const link = await administrator.page.getByRole("main").locator("code").innerText();
    assert.ok(!(await administrator.page.content()).includes(code), "who has the link does not have the code");

    const person = await Person.arrive(house.browser, house.demo, login, habits);
    await person.open(link);
    assert.equal(await person.heading(), "Open your invitation");
    await person.write("Code", code.toLowerCase());
    await person.press("Open the invitation");
    const thief = await Person.arrive(house.browser, house.demo, login, { scripted });
    await thief.open(link);
    await thief.reads("opened already");
    await thief.close();

    const secret = await person.page.getByRole("main").locator("code").innerText();
    await person.reload();
    assert.equal(await person.page.getByRole("main").locator("code").innerText(), secret, "loading again loses nothing");
    login.authenticator = new Authenticator(secret);
    await person.write("Password", PASSWORD);
    await person.write("The same password again", PASSWORD);
    await person.write("Code", "000000");
    await person.press("Finish");
    await person.reads("The password that you chose is kept");
    await person.write("Code", await login.authenticator.code());
    await person.press("Finish");
    await person.giveCredentials();
    assert.equal(person.path, "/");

    await person.follow(new RegExp(`^${name}`));
    assert.equal(await person.heading(), "My account");
    await person.reads("the invitation has been opened for the first time");
    await person.press("Make recovery codes");
    await person.confirm();
    const recovery = await person.page.getByRole("main").locator("li code").allInnerTexts();
    assert.equal(recovery.length, 10);
    await person.follow("I have kept them");
    await person.follow("Change my password");
    await person.write("Password you have now", PASSWORD);
    await person.write("New password", "aaaaaaaaaaaa");
    await person.write("The new password again", "aaaaaaaaaaaa");
    await person.press("Change my password");
    await person.reads("Choose three or four words");
    await person.write("Password you have now", PASSWORD);
    await person.write("New password", NEXT_PASSWORD);
    await person.write("The new password again", NEXT_PASSWORD);
    await person.press("Change my password");
    await person.reads("Your password has been changed");
    login.password = NEXT_PASSWORD;

    // Another device, without the phone.
    const tablet = await Person.arrive(house.browser, house.demo, login, { scripted });
    await tablet.open("/sign-in");
    await tablet.write("Sign-in name", login.login);
    await tablet.write("Password", login.password);
    await tablet.page.getByText("I do not have my authenticator").click();
    await tablet.write("Recovery code", recovery[0] ?? "");
    await tablet.press("Sign in");
    assert.equal(tablet.path, "/");

    await person.open("/me");
    await person.reads("You have 9 left");
    await person.reads(/Chrome on Linux \(here\)/);
    await person.reads("somebody signed in with a recovery code");
    await person.follow("Change my authenticator");
    await person.write("Password", NEXT_PASSWORD);
    await person.write("Code", recovery[1] ?? "");
    await person.press("Go on");
    const next = await person.page.getByRole("main").locator("code").innerText();
    assert.notEqual(next, secret);
    await person.write("Code of the new authenticator", await new Authenticator(next).code());
    await person.press("Use this authenticator");
    await person.reads("Your authenticator has been changed");
    await tablet.open("/");
    assert.equal(tablet.path, "/sign-in", "signed out by the new authenticator");

    await person.press("Sign out everywhere");
    assert.equal(person.path, "/sign-in");
    await person.open("/me");
    assert.equal(person.path, "/sign-in");
    await manager.open("/");
    await manager.reads("A colleague’s account: the password has been changed");
    if (scripted) for (const line of looks.list()) t.diagnostic(line);
  });
}
