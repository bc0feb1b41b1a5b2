import assert from "node:assert/strict";
import { test } from "node:test";
import { readAnswer, type Status, words, worthSaying } from "../src/answer";

test("only an explicit saved with a version counts as saved", () => {
  assert.deepEqual(readAnswer(200, { saved: true, version: 3, written: "10:07" }), {
    kind: "saved",
    version: "3",
    written: "10:07",
  });
  for (const body of [undefined, null, "ok", {}, { saved: true }, { saved: "true", version: 1 }, { saved: false, version: 1 }]) {
    assert.equal(readAnswer(200, body).kind, "no-answer", JSON.stringify(body));
  }
});

test("signed out by status, by field, or by a redirect that is not followed", () => {
  assert.equal(readAnswer(401, { signed_out: true }).kind, "signed-out");
  assert.equal(readAnswer(401, undefined).kind, "signed-out");
  assert.equal(readAnswer(200, { signed_out: true }).kind, "signed-out");
  assert.equal(readAnswer(0, undefined).kind, "signed-out");
});

test("a conflict is no refusal, and a busy or broken service is tried again", () => {
  assert.equal(readAnswer(409, { conflict: true, version: 4 }).kind, "conflict");
  for (const status of [408, 429, 500, 502, 503]) assert.equal(readAnswer(status, {}).kind, "no-answer", String(status));
  for (const status of [400, 403, 413, 422]) assert.equal(readAnswer(status, {}).kind, "refused", String(status));
  assert.deepEqual(readAnswer(422, { message: "enter a time" }), { kind: "refused", message: "enter a time" });
});

test("every problem says that it is not saved", () => {
  const problems: Status[] = [
    { kind: "unsaved" },
    { kind: "offline" },
    { kind: "conflict" },
    { kind: "signed-out" },
    { kind: "refused", message: undefined },
    { kind: "refused", message: "enter a time" },
  ];
  for (const status of problems) assert.match(words(status), /^Not saved/);
  assert.equal(words({ kind: "saved", written: "10:07" }), "Saved 10:07");
});

test("a listener hears the first saved, each problem and the way back, not every save", () => {
  const saved: Status = { kind: "saved", written: "10:07" };
  assert.equal(worthSaying(saved, undefined), true);
  assert.equal(worthSaying({ kind: "saved", written: "10:08" }, saved), false);
  assert.equal(worthSaying({ kind: "saving" }, saved), false);
  assert.equal(worthSaying({ kind: "offline" }, saved), true);
  assert.equal(worthSaying({ kind: "offline" }, { kind: "offline" }), false);
  assert.equal(worthSaying(saved, { kind: "offline" }), true);
  assert.equal(worthSaying({ kind: "refused", message: "b" }, { kind: "refused", message: "a" }), true);
});
