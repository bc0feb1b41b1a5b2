/** A walk in stages by several people: after one that failed the rest cannot be walked. */
import { test } from "node:test";
import { openBrowser } from "../lib/browser.js";
import { Demo, type Login } from "../lib/demo.js";
import { Looks } from "../lib/looks.js";
import { Person } from "../lib/person.js";

/** What a walk goes by. */
export interface Walking {
  demo: Demo;
  /** Somebody signs in, with the pages' script or without it. */
  sitDown: (login: Login) => Promise<Person>;
  /** One stage. */
  stage: (name: string, walk: () => Promise<void>) => Promise<void>;
}

/** Walks in a demo of its own. `scripted`: whether the browser runs the pages' script; everything must work without it. */
export function walkInStages(title: string, scripted: boolean, walk: (walking: Walking) => Promise<void>): void {
  const how = scripted ? "with scripts" : "without scripts";
  test(`${title}, ${how}`, async (t) => {
    const browser = await openBrowser();
    const demo = await Demo.start();
    const looks = new Looks(browser, scripted ? "scripted" : "plain", scripted);
    const people: Person[] = [];
    const sitDown = async (login: Login): Promise<Person> => {
      const person = await Person.signIn(browser, demo, login, { scripted, looks });
      people.push(person);
      return person;
    };
    let broken = false;
    const stage = (name: string, walk: () => Promise<void>): Promise<void> =>
      t.test(`${name}, ${how}`, { skip: broken }, async (t) => {
        broken = true;
        try {
          await walk();
          broken = false;
        } finally {
          if (broken) for (const person of people) t.diagnostic(await person.describe());
        }
      });
    try {
      await walk({ demo, sitDown, stage });
    } finally {
      for (const line of looks.list()) t.diagnostic(line);
      await browser.close();
      await demo.stop();
    }
  });
}
