import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

// The tests run in web/ (test.mjs).
const palette = new Map<string, string>();
for (const [, name, value] of readFileSync("styles/_palette.scss", "utf8").matchAll(/^\$([\w-]+): (#[0-9a-f]{6});$/gm)) {
  if (name !== undefined && value !== undefined) palette.set(name, value);
}

/** Relative luminance, WCAG 2.2 glossary. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((start) => {
    const channel = Number.parseInt(hex.slice(start, start + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

// Text needs 4.5:1 (1.4.3); borders and marks that carry meaning 3:1 (1.4.11).
const TEXT = 4.5;
const MARK = 3;
const surfaces = ["white", "paper", "paper-deep", "teal-mist"];
const pairs: [front: string, back: string, least: number][] = [
  ...["ink", "ink-soft", "teal", "teal-dark", "visited", "bad"].flatMap((front) =>
    surfaces.map((back): [string, string, number] => [front, back, TEXT]),
  ),
  ["white", "teal", TEXT],
  ["white", "teal-dark", TEXT],
  ["white", "teal-deep", TEXT],
  ["white", "bad", TEXT],
  ["white", "bad-dark", TEXT],
  ["white", "ink", TEXT],
  ["teal-dark", "teal-pale", TEXT],
  ["ink", "teal-pale", TEXT],
  ["clay", "paper", TEXT],
  ["clay", "white", TEXT],
  ["clay", "clay-pale", TEXT],
  ["ink", "clay-pale", TEXT],
  ["good", "good-pale", TEXT],
  ["good", "white", TEXT],
  ["good", "teal-mist", TEXT],
  ["good", "paper-deep", TEXT],
  ["wait", "wait-pale", TEXT],
  ["warn", "warn-pale", TEXT],
  ["warn", "white", TEXT],
  ["bad", "bad-pale", TEXT],
  ["bad-dark", "bad-pale", TEXT],
  ["secret", "secret-pale", TEXT],
  ...["wait", "warn", "bad", "secret", "good"].map((tone): [string, string, number] => ["ink", `${tone}-pale`, TEXT]),
  ["focus-text", "focus", TEXT],
  ["focus", "teal-dark", MARK],
  ["focus", "teal-deep", MARK],
  ["line-strong", "white", MARK],
  ["line-strong", "paper", MARK],
  ["line-strong", "paper-deep", MARK],
];

test("the formula agrees with the known ends of the scale", () => {
  assert.equal(contrast("#ffffff", "#000000"), 21);
  assert.equal(contrast("#777777", "#ffffff").toFixed(2), "4.48");
});

for (const [front, back, least] of pairs) {
  test(`${front} on ${back} is at least ${String(least)}:1`, () => {
    const one = palette.get(front);
    const other = palette.get(back);
    assert.ok(one !== undefined && other !== undefined, "a colour of this pair is not in the palette");
    const ratio = contrast(one, other);
    assert.ok(ratio >= least, `it is ${ratio.toFixed(2)}:1`);
  });
}
