import assert from "node:assert/strict";
import { test } from "node:test";
import { type Idle, idleAt, IdleWatch, inWords, warnBefore } from "../src/idle";
import { FakeClock } from "./fakes";

const MINUTE = 60_000;
const LIMIT = 15 * MINUTE;

test("warns two minutes before the limit, ends at it", () => {
  assert.deepEqual(idleAt(0, 0, LIMIT), { state: "working", againInMs: 13 * MINUTE });
  assert.deepEqual(idleAt(13 * MINUTE - 1, 0, LIMIT), { state: "working", againInMs: 1 });
  assert.deepEqual(idleAt(13 * MINUTE, 0, LIMIT), { state: "warned", againInMs: 2 * MINUTE });
  assert.deepEqual(idleAt(LIMIT, 0, LIMIT), { state: "over", againInMs: undefined });
});

test("a limit shorter than four minutes warns at its half", () => {
  assert.equal(idleAt(MINUTE, 0, 2 * MINUTE).state, "warned");
  assert.equal(idleAt(MINUTE - 1, 0, 2 * MINUTE).state, "working");
});

test("the time left is said in whole minutes or in seconds", () => {
  assert.equal(inWords(warnBefore(LIMIT)), "2 minutes");
  assert.equal(inWords(warnBefore(2 * MINUTE)), "1 minute");
  assert.equal(inWords(warnBefore(MINUTE)), "30 seconds");
});

test("an answer of the service takes the warning back", async () => {
  const clock = new FakeClock();
  const shown: Idle[] = [];
  const watch = new IdleWatch(clock, LIMIT, (state) => shown.push(state));
  await clock.pass(14 * MINUTE);
  assert.deepEqual(shown, ["warned"]);
  watch.alive();
  assert.deepEqual(shown, ["warned", "working"]);
  await clock.pass(13 * MINUTE);
  await clock.pass(2 * MINUTE);
  assert.deepEqual(shown, ["warned", "working", "warned", "over"]);
  assert.equal(clock.waiting, 0);
});

test("after a laptop's sleep the clock is believed, not the timers", () => {
  const clock = new FakeClock();
  const shown: Idle[] = [];
  const watch = new IdleWatch(clock, LIMIT, (state) => shown.push(state));
  clock.sleep(60 * MINUTE);
  watch.look();
  assert.deepEqual(shown, ["over"]);
});

test("the service saying so ends it at once", () => {
  const shown: Idle[] = [];
  const watch = new IdleWatch(new FakeClock(), LIMIT, (state) => shown.push(state));
  watch.signedOut();
  assert.deepEqual(shown, ["over"]);
});
