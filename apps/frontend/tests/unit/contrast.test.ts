import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const style = (name: string) => readFileSync(`src/style/${name}.scss`, "utf8");

function luminance(hex: string): number {
  const digits =
    hex.length === 4 ? [...hex.slice(1)].map((digit) => digit + digit).join("") : hex.slice(1);
  const [red = 0, green = 0, blue = 0] = [0, 2, 4]
    .map((start) => Number.parseInt(digits.slice(start, start + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const tokens = new Map(
  [...style("_tokens").matchAll(/--([\w-]+): light-dark\((#\w+), (#\w+)\);/g)].map(
    ([, name = "", light = "", dark = ""]) => [name, [light, dark]] as const,
  ),
);
const tones = [...style("_tones").matchAll(/"(\w+)": (#\w{6}) (#\w{6})/g)];

test("every tone is readable in both themes", () => {
  expect(tones.length).toBe(11);
  for (const [, name, light = "", dark = ""] of tones) {
    for (const ground of ["surface", "ground", "hover", "accent-soft"]) {
      const [lightGround = "", darkGround = ""] = tokens.get(ground) ?? [];
      expect(contrast(light, lightGround), `${name} on light ${ground}`).toBeGreaterThan(4.5);
      expect(contrast(dark, darkGround), `${name} on dark ${ground}`).toBeGreaterThan(4.5);
    }
  }
});

test("text is readable on every ground", () => {
  for (const [text, grounds] of [
    ["text", ["surface", "ground", "raised", "hover", "pressed", "accent-soft", "code"]],
    ["text-soft", ["surface", "ground", "raised", "hover", "accent-soft"]],
    ["text-faint", ["surface", "ground", "raised", "hover"]],
    ["accent", ["surface", "ground", "raised", "accent-soft"]],
    ["on-accent", ["accent"]],
    ["good", ["good-soft", "surface"]],
    ["bad", ["bad-soft", "surface"]],
    ["warn", ["warn-soft", "surface"]],
  ] as const) {
    for (const ground of grounds) {
      for (const theme of [0, 1]) {
        const pair = [tokens.get(text)?.[theme] ?? "", tokens.get(ground)?.[theme] ?? ""] as const;
        expect(contrast(...pair), `${text} on ${ground}, theme ${theme}`).toBeGreaterThan(4.5);
      }
    }
  }
});
