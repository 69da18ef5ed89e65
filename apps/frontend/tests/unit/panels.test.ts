import { expect, test, vi } from "vitest";
import { Panels } from "../../src/run/panels";

test("a panel is fetched once until it is forgotten", async () => {
  const fetch = vi.fn(async (url: string) => `panel of ${url}`);
  const panels = new Panels("/ui/executions/0/panel/", fetch);
  panels.prepare([7]);
  expect(await panels.get(7)).toBe("panel of /ui/executions/7/panel/");
  expect(fetch).toHaveBeenCalledOnce();
  panels.forget(7);
  await panels.get(7);
  expect(fetch).toHaveBeenCalledTimes(2);
});

test("a failure is not kept", async () => {
  const fetch = vi.fn().mockRejectedValueOnce(new Error("away")).mockResolvedValue("there");
  const panels = new Panels("/0/", fetch);
  await expect(panels.get(1)).rejects.toThrow("away");
  expect(await panels.get(1)).toBe("there");
});

test("old panels make room", async () => {
  const fetch = vi.fn(async () => "");
  const panels = new Panels("/0/", fetch);
  for (let id = 1; id <= 40; id += 1) {
    await panels.get(id);
  }
  await panels.get(40);
  expect(fetch).toHaveBeenCalledTimes(40);
  await panels.get(1);
  expect(fetch).toHaveBeenCalledTimes(41);
});
