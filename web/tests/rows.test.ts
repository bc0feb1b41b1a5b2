import assert from "node:assert/strict";
import { test } from "node:test";
import { pattern } from "../src/rows";

test("a field of a row is named by its list, its place and its own name", () => {
  assert.equal(pattern("allergies.0.what"), "allergies.%index%.what");
  assert.equal(pattern("hearings.12.day-month"), "hearings.%index%.day-month");
  assert.equal(pattern("family_name"), undefined);
  assert.equal(pattern("wanted"), undefined);
});
