import assert from "node:assert/strict";
import { test } from "node:test";
import { afterAnswer, answersWith, type Pressed } from "../src/call";

const pressed = (key: string, more: Partial<Pressed> = {}): Pressed =>
  ({ key, altKey: false, ctrlKey: false, metaKey: false, repeat: false, ...more });

test("a letter answers, and the browser's own keys stay the browser's", () => {
  assert.equal(answersWith(pressed("c")), "c");
  assert.equal(answersWith(pressed("N")), "n");
  assert.equal(answersWith(pressed("k")), "k");
  for (const key of ["Enter", "Tab", "x", " "]) assert.equal(answersWith(pressed(key)), undefined);
  for (const more of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }]) {
    assert.equal(answersWith(pressed("c", more)), undefined, "copied");
  }
  assert.equal(answersWith(pressed("c", { repeat: true })), undefined, "held down it would answer every item");
});

test("nothing counts as kept but the page of the call that came back", () => {
  assert.equal(afterAnswer(true, true), "show");
  assert.equal(afterAnswer(true, false), "send-plainly", "a sign-in page answered with 200 is none");
  assert.equal(afterAnswer(false, true), "send-plainly", "refused: a colleague answered meanwhile");
});
