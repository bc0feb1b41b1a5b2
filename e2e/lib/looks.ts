/** Looks at every page that is visited: accessibility, the width of a phone, and pictures for people to look at. */
import assert from "node:assert/strict";
import { readFile, mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";

/** A desk and a phone. */
const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 390, height: 844 };
/** A sheet of A4 at 96 dots to the inch. */
const SHEET = { width: 794, height: 1123 };

const axeSource = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const shots = fileURLToPath(new URL("../../shots", import.meta.url));

/** How often one page is looked at in a walk: bare, filled, with something wrong in it. Each look takes a second. */
const TIMES = 4;

/** What one look found. */
interface Found {
  page: string;
  /** Rules broken, by how much they matter. */
  broken: { rule: string; impact: string; where: string[] }[];
}

/** Looks at pages and remembers what it found. */
export class Looks {
  private readonly found: Found[] = [];
  private mirror: Page | undefined;

  /**
   * @param walk names the pictures
   * @param scripted whether the pages run their script
   */
  constructor(
    private readonly browser: Browser,
    private readonly walk: string,
    private readonly scripted: boolean,
  ) {}

  /** Looks at the page as it stands, the first few times of each. It must be wide before and is wide again after. */
  async at(page: Page): Promise<void> {
    const name = await nameOf(page);
    if (this.found.filter((found) => found.page === name).length >= TIMES) return;
    const broken = await this.axe(page);
    await page.setViewportSize(NARROW);
    const tooWide = await page.evaluate(whatIsWiderThanThePhone);
    if (process.env["KITH_SHOTS"] === "1") await this.keep(page, name, NARROW.width);
    await page.setViewportSize(WIDE);
    if (process.env["KITH_SHOTS"] === "1") {
      await this.keep(page, name, WIDE.width);
      await page.emulateMedia({ media: "print" });
      await page.setViewportSize(SHEET);
      await this.keep(page, name, "print");
      await page.emulateMedia({ media: null });
      await page.setViewportSize(WIDE);
    }
    this.found.push({ page: name, broken });
    assert.deepEqual(tooWide, [], `${name} scrolls sideways on a phone`);
    const grave = broken.filter(({ impact }) => impact === "serious" || impact === "critical");
    assert.deepEqual(grave, [], `${name} is not accessible`);
  }

  /** The pages looked at, in the order of the first visit, with how often and what lesser rules they break. */
  list(): string[] {
    const pages = new Map<string, { times: number; lesser: Set<string> }>();
    for (const { page, broken } of this.found) {
      const entry = pages.get(page) ?? { times: 0, lesser: new Set() };
      entry.times += 1;
      for (const { rule, impact } of broken) entry.lesser.add(`${rule} (${impact})`);
      pages.set(page, entry);
    }
    return [...pages].map(([page, { times, lesser }]) =>
      [`${page} × ${String(times)}`, ...lesser].join(", "));
  }

  private async axe(page: Page): Promise<Found["broken"]> {
    // axe waits on timers, which do not run where scripts are switched off: it looks at a copy of the page there.
    const target = this.scripted ? page : await this.copyOf(page);
    await target.evaluate(axeSource);
    const results = await target.evaluate<AxeResults>("axe.run(document, { resultTypes: ['violations'] })");
    const violations = results.violations.map((violation) => ({
      ...violation,
      nodes: violation.nodes.filter(({ html }) => !isKnownOfToolkit(violation.id, html)),
    }));
    return violations.filter(({ nodes }) => nodes.length > 0).map(({ id, impact, nodes }) => ({
      rule: id,
      impact: impact ?? "minor",
      where: nodes.map(({ html, failureSummary }) => `${html} ${failureSummary ?? ""}`),
    }));
  }

  /** The page as it is shown, with its styles and without its script, where axe can run. */
  private async copyOf(page: Page): Promise<Page> {
    this.mirror ??= await this.browser.newPage({ viewport: WIDE });
    const mirror = this.mirror;
    const html = await page.content();
    await mirror.unrouteAll();
    await mirror.route("**/*.js", (route) => route.abort());
    await mirror.route((url) => !url.pathname.startsWith("/assets/"), (route) =>
      route.fulfill({ contentType: "text/html; charset=utf-8", body: html }));
    await mirror.goto(page.url());
    return mirror;
  }

  private async keep(page: Page, name: string, how: number | "print"): Promise<void> {
    await mkdir(shots, { recursive: true });
    const number = String(this.found.length + 1).padStart(3, "0");
    const plain = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").slice(0, 80);
    await page.screenshot({ path: join(shots, `${this.walk}-${number}-${plain}-${String(how)}.png`), fullPage: true });
  }
}

/**
 * GOV.UK Frontend puts `aria-expanded` on a radio that reveals a question. ARIA 1.2 does not list it for radios, screen
 * readers read it all the same, and its makers keep it knowingly (govuk-frontend issue 979).
 */
function isKnownOfToolkit(rule: string, html: string): boolean {
  return rule === "aria-allowed-attr" && html.includes("govuk-radios__input") && html.includes("aria-expanded");
}

/** A page by its title and its address without ids. */
async function nameOf(page: Page): Promise<string> {
  const path = new URL(page.url()).pathname.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "…");
  return `${path} “${(await page.title()).replace(/ – Kith$/, "")}”`;
}

/** Runs in the page: what makes it scroll sideways; nothing where it does not. */
function whatIsWiderThanThePhone(): string[] {
  const width = window.innerWidth;
  if ((document.scrollingElement?.scrollWidth ?? 0) <= width) return [];
  const outside = [...document.querySelectorAll("body *")].filter((element) => element.closest(".kith-scroll") === null);
  // Words can leave a box that itself stays within the page.
  const wide = outside.filter((element) => {
    const box = element.getBoundingClientRect();
    const words = getComputedStyle(element).overflowX === "visible" ? element.scrollWidth - element.clientWidth : 0;
    return box.width > 0 && (box.right > width + 0.5 || (words > 0 && element.clientWidth > 0 && box.left + element.scrollWidth > width + 0.5));
  });
  const found = wide.slice(-5).map((element) => `${element.outerHTML.slice(0, 160)} reaches to ${String(Math.round(element.getBoundingClientRect().left + element.scrollWidth))}`);
  return found.length > 0 ? found : [`the page is ${String(document.scrollingElement?.scrollWidth)} wide`];
}
