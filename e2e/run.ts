/** Runs the browser tests: fills one demo service, which each test takes a copy of, and then lets Node's runner go. */
import { spawnSync } from "node:child_process";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Demo, FILLED } from "./lib/demo.js";

const tests = fileURLToPath(new URL("tests", import.meta.url));
const files = (await readdir(tests)).filter((name) => name.endsWith(".test.js")).map((name) => join(tests, name));

console.log("Filling a demo service.");
const demo = await Demo.start();
const filled = await demo.end();
// Two at a time: each is a browser and a service.
const options = ["--enable-source-maps", "--test", "--test-reporter=spec", "--test-concurrency=2", ...process.argv.slice(2)];
const run = spawnSync(process.execPath, [...options, ...files], {
  stdio: "inherit",
  env: { ...process.env, [FILLED]: filled },
});
await rm(filled, { recursive: true, force: true });
process.exitCode = run.status ?? 1;
