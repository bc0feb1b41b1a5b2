import assert from "node:assert/strict";
import { test } from "node:test";
import { bodyOf } from "../src/recorder";

test("the body is the content with the version and token of the moment", () => {
  const content = new URLSearchParams([
    ["entry_id", "7d0c"],
    ["text", "“Look & see”, she said = smiled"],
    ["basis", "heard"],
  ]).toString();
  const body = bodyOf(content, "4", "fresh");
  assert.deepEqual(Object.fromEntries(body), {
    entry_id: "7d0c",
    text: "“Look & see”, she said = smiled",
    basis: "heard",
    version: "4",
    csrf: "fresh",
  });
});
