import { expect, test } from "vitest";
import { progressOf } from "../../src/setup";

const line = (text: string) => `2026-01-05T10:11:12Z init-db: ${text}\n`;

test("steps are counted while they arrive, also in pieces", () => {
  const log = line("Running migrations:") + line("  Applying platform/0001_accounts... OK");
  expect(progressOf(log)).toEqual({ steps: 1, done: false, failed: false });
  expect(progressOf(log + line("  Applying cell/0001_jobs... OK").slice(0, 40)).steps).toBe(1);
});

test("the marker ends it, an error does not", () => {
  expect(progressOf(line("Complete!"))).toEqual({ steps: 0, done: true, failed: false });
  expect(progressOf(line("Error: permission denied"))).toEqual({
    steps: 0,
    done: false,
    failed: true,
  });
});
