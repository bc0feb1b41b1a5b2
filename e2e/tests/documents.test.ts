/** Documents: the sealed order with the order, a file that is none, a picture; kept, sealed, in a store that speaks S3. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import S3rver from "s3rver";
import { openBrowser } from "../lib/browser.js";
import { Demo } from "../lib/demo.js";
import { Looks } from "../lib/looks.js";
import { dayOf, Person } from "../lib/person.js";
import { clockOf } from "../walk/clock.js";

const BUCKET = "kith";
/** More than one part of an upload to S3, which takes none below 5 MiB. */
const LONG_BYTES = 12 * 1024 * 1024;

let browser: Browser;
let demo: Demo;
let store: S3rver;
let kept: string;

before(async () => {
  kept = await mkdtemp(join(tmpdir(), "kith-s3-"));
  store = new S3rver({ address: "127.0.0.1", port: 0, silent: true, directory: kept, configureBuckets: [{ name: BUCKET, configs: [] }] });
  const { port } = await store.run();
  browser = await openBrowser();
  // The keys of s3rver, which it asks every request to be signed with.
  demo = await Demo.start(["--files-url", `http://127.0.0.1:${String(port)}/${BUCKET}/nene`], {
    AWS_ACCESS_KEY_ID: "S3RVER",
    AWS_SECRET_ACCESS_KEY: "S3RVER",
    AWS_REGION: "eu-west-2",
  });
});

after(async () => {
  await browser.close();
  await demo.stop();
  await store.close();
  await rm(kept, { recursive: true, force: true });
});

/** A PDF of one page, filled up with bytes that are nothing. */
function pdf(bytes = 0): Buffer {
  const filling = Buffer.alloc(bytes, "kith ");
  return Buffer.concat([
    Buffer.from("%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n"),
    Buffer.from("3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>\nendobj\n"),
    Buffer.from(`4 0 obj\n<< /Length ${String(bytes)} >>\nstream\n`),
    filling,
    Buffer.from("\nendstream\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"),
  ]);
}

const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

/** Every object of the bucket. */
async function objects(): Promise<Buffer[]> {
  const names = await readdir(kept, { recursive: true });
  const own = names.filter((name) => name.includes(`${BUCKET}/nene/`) && name.endsWith("_object"));
  return Promise.all(own.map((name) => readFile(join(kept, name))));
}

for (const scripted of [true, false]) {
  test(`the sealed order, a program and a picture${scripted ? "" : ", without script"}`, async () => {
    const looks = new Looks(browser, `documents-${String(scripted)}`, scripted);
    const before = (await objects()).length;
    const coordinator = await Person.signIn(browser, demo, demo.person("coordinator"), { looks, scripted });
    await coordinator.open("/children");
    await coordinator.leave(coordinator.page.getByRole("main").getByRole("rowheader").getByRole("link").first());
    const file = coordinator.path;
    await coordinator.press("Write down an order");
    const today = (await clockOf(coordinator)).day;
    const made = dayOf(today);
    await coordinator.write("Name of the court", "Family Court at Nenebridge");
    await coordinator.write("Case number", "NB26C00419");
    await coordinator.date("When was it made?", made);
    const box = coordinator.field("The sealed order as a file");
    await box.setInputFiles({ name: "order.pdf", mimeType: "application/pdf", buffer: Buffer.from("MZ\u0090\u0000 a program") });
    await coordinator.press("Put the order on the file");
    await coordinator.reads("The file is a program, whatever its name says");
    assert.equal(await coordinator.field("Case number").inputValue(), "NB26C00419", "what was typed stays");
    assert.equal((await objects()).length, before, "nothing is kept of it");

    const order = pdf(LONG_BYTES);
    await box.setInputFiles({ name: "order.pdf", mimeType: "application/pdf", buffer: order });
    await coordinator.press("Put the order on the file");
    await coordinator.reads("The order is on the file");
    await coordinator.follow("Sealed court order");
    const way = await coordinator.button("Open the document").getAttribute("href");
    const given = await coordinator.context.request.get(way ?? "");
    assert.equal(given.headers()["content-type"], "application/pdf");
    assert.match(given.headers()["content-security-policy"] ?? "", /sandbox/);
    assert.ok((await given.body()).equals(order), "it comes back as it was");
    const there = await objects();
    assert.equal(there.length, before + 1);
    // Long enough not to stand in twelve mebibytes of chance.
    const plain = ["%PDF-1.7\n", "/MediaBox", "kith kith kith"];
    assert.ok(there.every((object) => plain.every((words) => !object.includes(words))), "it lies there sealed");

    await coordinator.open(`${file}/documents`);
    const where = scripted ? "At the swings" : "At the slide";
    await coordinator.choose("What is it?", "Photograph");
    await coordinator.write("Describe it, if that helps to find it", where);
    await coordinator.field("The file").setInputFiles({ name: "swing.png", mimeType: "image/png", buffer: PNG });
    await coordinator.press("Add the document");
    await coordinator.reads("The document has been added");
    await coordinator.follow(`Photograph: ${where}`);
    const picture = coordinator.page.getByRole("img", { name: where });
    assert.equal(await picture.evaluate((image) => (image as HTMLImageElement).naturalWidth), 1, "the picture is shown");
    await coordinator.close();
  });
}
