import assert from "node:assert/strict";
import { test } from "node:test";
import { differ, type Field } from "../src/unsaved";

test("forms differ by a value, a field more, a field less, or their order", () => {
  const form: Field[] = [
    ["name", "Amara"],
    ["ally", "nuts"],
  ];
  assert.equal(differ(form, [...form]), false);
  assert.equal(differ(form, [["name", "Amara"], ["ally", ""]]), true);
  assert.equal(differ(form, [...form, ["ally", "milk"]]), true);
  assert.equal(differ(form, form.slice(0, 1)), true);
  assert.equal(differ(form, [...form].reverse()), true);
});
