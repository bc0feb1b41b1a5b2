import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer, Status } from "../src/answer";
import { Autosave, retryDelay, saveDelay } from "../src/autosave";
import { FakeClock, settle } from "./fakes";

const SAVED = (version: string): Answer => ({ kind: "saved", version, written: "10:07" });

function desk(answers: (Answer | Promise<Answer>)[], first?: string, version = "0") {
  const clock = new FakeClock();
  const desk = {
    clock,
    text: first,
    sent: [] as [content: string, version: string][],
    statuses: [] as Status["kind"][],
    versions: [] as string[],
    autosave: undefined as unknown as Autosave,
    type(text: string | undefined) {
      desk.text = text;
      desk.autosave.changed();
    },
  };
  desk.autosave = new Autosave(
    {
      content: () => desk.text,
      send(content, version) {
        desk.sent.push([content, version]);
        const answer = answers.shift();
        assert.ok(answer, "more was sent than expected");
        return Promise.resolve(answer);
      },
      saved: (version) => desk.versions.push(version),
      show: (status) => desk.statuses.push(status.kind),
    },
    clock,
    version,
  );
  return desk;
}

test("the delay is 1.5 s after the last key, but never later than 5 s after the first", () => {
  assert.equal(saveDelay(1000, 1000, 1000), 1500);
  assert.equal(saveDelay(3000, 1000, 3000), 1500);
  assert.equal(saveDelay(5000, 1000, 5000), 1000);
  assert.equal(saveDelay(9000, 1000, 9000), 0);
});

test("waits double from 2 s and stop growing at 30 s", () => {
  assert.deepEqual([1, 2, 3, 4, 5, 6, 40].map(retryDelay), [2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test("a pause in typing saves once, with the version of the page", async () => {
  const d = desk([SAVED("1")]);
  d.type("He");
  await d.clock.pass(1000);
  d.type("Hello");
  await d.clock.pass(1499);
  assert.deepEqual(d.sent, []);
  await d.clock.pass(1);
  assert.deepEqual(d.sent, [["Hello", "0"]]);
  assert.deepEqual(d.versions, ["1"]);
  assert.deepEqual(d.statuses, ["unsaved", "unsaved", "saving", "saved"]);
  assert.equal(d.autosave.unsaved, false);
  await d.clock.pass(60_000);
  assert.equal(d.sent.length, 1);
});

test("typing without a pause is saved after 5 s", async () => {
  const d = desk([SAVED("1"), SAVED("2")]);
  for (let key = 1; key <= 20; key += 1) {
    d.type("x".repeat(key));
    await d.clock.pass(500);
  }
  assert.deepEqual(d.sent[0], ["x".repeat(10), "0"]);
});

test("nothing is sent while nothing is written, or when it is taken back", async () => {
  const d = desk([]);
  d.type(undefined);
  await d.clock.pass(60_000);
  d.type("a");
  d.type(undefined);
  await d.clock.pass(60_000);
  assert.deepEqual(d.sent, []);
  assert.equal(d.autosave.status.kind, "clean");
});

test("words typed while saving are saved next, on the new version, never at the same time", async () => {
  let answerFirst: (answer: Answer) => void = () => undefined;
  const d = desk([new Promise<Answer>((resolve) => (answerFirst = resolve)), SAVED("2")]);
  d.type("one");
  await d.clock.pass(1500);
  d.type("one two");
  await d.clock.pass(10_000);
  assert.equal(d.sent.length, 1);
  assert.equal(d.autosave.unsaved, true);
  answerFirst(SAVED("1"));
  await settle();
  await d.clock.pass(1500);
  assert.deepEqual(d.sent, [
    ["one", "0"],
    ["one two", "1"],
  ]);
  assert.equal(d.autosave.unsaved, false);
});

test("without an answer the same words go again, unchanged, before newer ones", async () => {
  const d = desk([{ kind: "no-answer" }, { kind: "no-answer" }, SAVED("1"), SAVED("2")]);
  d.type("one");
  await d.clock.pass(1500);
  assert.equal(d.autosave.status.kind, "offline");
  d.type("one two");
  await d.clock.pass(1999);
  assert.equal(d.sent.length, 1);
  await d.clock.pass(1);
  assert.equal(d.sent.length, 2);
  await d.clock.pass(4000);
  await d.clock.pass(1500);
  assert.deepEqual(d.sent, [
    ["one", "0"],
    ["one", "0"],
    ["one", "0"],
    ["one two", "1"],
  ]);
  assert.equal(d.autosave.status.kind, "saved");
});

test("the line does not flicker while there is no connection", async () => {
  const d = desk([{ kind: "no-answer" }, { kind: "no-answer" }, SAVED("1")]);
  d.type("one");
  await d.clock.pass(7500);
  assert.deepEqual(d.statuses, ["unsaved", "saving", "offline", "offline", "saved"]);
});

test("the connection coming back tries at once", async () => {
  const d = desk([{ kind: "no-answer" }, SAVED("1")]);
  d.type("one");
  await d.clock.pass(1500);
  d.autosave.saveNow();
  await settle();
  assert.equal(d.sent.length, 2);
  assert.equal(d.clock.waiting, 0);
});

test("a conflict stops sending, keeps the words and keeps warning", async () => {
  const d = desk([{ kind: "conflict" }]);
  d.type("mine");
  await d.clock.pass(1500);
  d.type("mine and more");
  d.autosave.saveNow();
  await d.clock.pass(60_000);
  assert.equal(d.sent.length, 1);
  assert.equal(d.autosave.status.kind, "conflict");
  assert.equal(d.autosave.unsaved, true);
});

test("signed out: waits for Try again, then sends what is there now", async () => {
  const d = desk([{ kind: "signed-out" }, SAVED("1")]);
  d.type("mine");
  await d.clock.pass(1500);
  d.type("mine and more");
  await d.clock.pass(60_000);
  assert.equal(d.sent.length, 1);
  d.autosave.saveNow();
  await settle();
  assert.deepEqual(d.sent[1], ["mine and more", "0"]);
  assert.equal(d.autosave.unsaved, false);
});

test("a refused text waits until it is changed", async () => {
  const d = desk([{ kind: "refused", message: "enter a time" }, SAVED("1")]);
  d.type("mine");
  await d.clock.pass(60_000);
  assert.equal(d.sent.length, 1);
  assert.equal(d.autosave.unsaved, true);
  d.type("mine at 10:05");
  await d.clock.pass(1500);
  assert.equal(d.sent.length, 2);
});

test("sending the form waits for the autosave under way, and none follows", async () => {
  let answerFirst: (answer: Answer) => void = () => undefined;
  const d = desk([new Promise<Answer>((resolve) => (answerFirst = resolve))]);
  d.type("one");
  await d.clock.pass(1500);
  let stopped = false;
  void d.autosave.stop().then(() => (stopped = true));
  await settle();
  assert.equal(stopped, false);
  d.type("one two");
  answerFirst(SAVED("1"));
  await settle();
  assert.equal(stopped, true);
  assert.deepEqual(d.versions, ["1"]);
  await d.clock.pass(60_000);
  assert.equal(d.sent.length, 1);
});

test("coming back to the page saves what is left", async () => {
  const d = desk([SAVED("1")]);
  d.type("one");
  await d.autosave.stop();
  await d.clock.pass(60_000);
  assert.equal(d.sent.length, 0);
  d.autosave.resume();
  await settle();
  assert.equal(d.sent.length, 1);
});

test("what the page came with counts as saved", () => {
  const d = desk([], "already there", "3");
  assert.equal(d.autosave.unsaved, false);
});

test("the button's save sends what was not answered first, then the rest", async () => {
  const d = desk([{ kind: "no-answer" }, SAVED("1"), SAVED("2")]);
  d.type("He");
  await d.clock.pass(1500);
  d.text = "He laughed";
  assert.equal(await d.autosave.flush(), "saved");
  assert.deepEqual(d.sent, [["He", "0"], ["He", "0"], ["He laughed", "1"]]);
  assert.equal(d.autosave.unsaved, false);
});

test("without a connection the button's save says so, and the words are tried again", async () => {
  const d = desk([{ kind: "no-answer" }, SAVED("1")]);
  d.type("He");
  assert.equal(await d.autosave.flush(), "offline");
  assert.equal(d.autosave.unsaved, true);
  await d.clock.pass(2000);
  assert.equal(d.autosave.unsaved, false);
});

test("what the service refuses is not sent again and again", async () => {
  const d = desk([{ kind: "refused", message: undefined }]);
  d.type("He");
  assert.equal(await d.autosave.flush(), "refused");
  assert.equal(d.sent.length, 1);
});

test("words that the browser put back on a new page are not taken for saved", async () => {
  const d = desk([SAVED("1")], "Put back");
  assert.equal(d.autosave.unsaved, true);
  d.autosave.changed();
  await d.clock.pass(1500);
  assert.deepEqual(d.sent, [["Put back", "0"]]);
});
