import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { postJson } from "../../src/http";

afterEach(() => vi.unstubAllGlobals());

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      return sources(path);
    }
    return path.endsWith(".ts") ? [path] : [];
  });
}

test("lib_033 an answer cannot change what all objects have", async () => {
  const body =
    '{"rows": [], "__proto__": {"evil": 1}, "constructor": {"prototype": {"evil": 1}},' +
    ' "detail": {"__proto__": {"evil": 1}}}';
  vi.stubGlobal("fetch", async () => new Response(body));
  const answer = await postJson<Record<string, unknown>>("/ui/runs/1/results/", []);
  expect(answer.rows).toEqual([]);
  // it is a field like any other
  expect(Object.hasOwn(answer, "__proto__")).toBe(true);
  expect(({} as Record<string, unknown>).evil).toBeUndefined();
  expect((Object.prototype as Record<string, unknown>).evil).toBeUndefined();

  const refusal = () =>
    new Response(body, { status: 400, headers: { "Content-Type": "application/json" } });
  vi.stubGlobal("fetch", async () => refusal());
  await expect(postJson("/ui/runs/1/results/", [])).rejects.toThrow();
  expect(({} as Record<string, unknown>).evil).toBeUndefined();
});

test("lib_033 nothing merges objects by the names of their fields", () => {
  const wrong = [
    // names from elsewhere written into an object: obj[name] = …
    /\w\[[a-z]\w*\]\s*=[^=]/,
    /Object\.(assign|defineProperty|setPrototypeOf|fromEntries)\(/,
    /__proto__|deepMerge|lodash|jquery|\bextend\(/i,
    /for \((const|let) \w+ in /,
  ];
  const files = sources("src");
  expect(files.length).toBeGreaterThan(10);
  for (const file of files) {
    const lines = readFileSync(file, "utf8").split("\n");
    for (const [index, line] of lines.entries()) {
      for (const pattern of wrong) {
        expect(pattern.test(line), `${file}:${index + 1}: ${line.trim()}`).toBe(false);
      }
    }
  }
});
