// Executing with the keyboard.

import { strict as assert } from "node:assert";
import { chosen, eventually, panelShows, settled, status } from "./world.js";

const row = (id) => `#test-execution-${id}`;

async function begin(world, count = 6) {
  const page = await world.member();
  const run = await world.run(page, count);
  await panelShows(page, run.first[0]);
  return { page, run };
}

export const tests = {
  "the first unfinished execution is chosen": async (world) => {
    const { page, run } = await begin(world);
    assert.equal(await chosen(page), run.first[0]);
  },

  "j and k move, with real focus and the address": async (world) => {
    const { page, run } = await begin(world);
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    assert.equal(await chosen(page), run.ids[2]);
    await page.keyboard.press("k");
    assert.equal(await chosen(page), run.ids[1]);
    await panelShows(page, run.ids[1]);
    const focused = await page.evaluate(() => document.activeElement.closest("tr")?.dataset.id);
    assert.equal(focused, String(run.ids[1]));
    assert.equal(new URL(page.url()).searchParams.get("focus"), String(run.ids[1]));
    await page.reload();
    assert.equal(await chosen(page), run.ids[1], "the address leads back");
  },

  "a letter records a result and goes on": async (world) => {
    const { page, run } = await begin(world);
    const [first, second] = run.first;
    const count = async () => Number(await page.textContent(`#count-for-status-${status.passed}`));
    const before = await count();
    await page.keyboard.press("p");
    assert.equal(await page.getAttribute(row(first), "data-status"), String(status.passed));
    assert.equal(await chosen(page), second);
    const said = await page.textContent("[data-announcer]");
    assert.match(said, /Passed/);
    await settled(page);
    await eventually(async () => (await count()) === before + 1, "the counts follow");
    assert.equal(await world.statusOf(first), status.passed);
    await panelShows(page, second);
  },

  "a digit records the status at that place": async (world) => {
    const { page, run } = await begin(world);
    await page.keyboard.press("8");
    await settled(page);
    assert.equal(await world.statusOf(run.first[0]), status.failed);
  },

  "u takes the last result back": async (world) => {
    const { page, run } = await begin(world);
    await page.keyboard.press("f");
    await settled(page);
    await page.keyboard.press("u");
    await settled(page);
    assert.equal(await world.statusOf(run.first[0]), status.idle);
    assert.equal(await chosen(page), run.first[0]);
  },

  "a comment and a result go together": async (world) => {
    const { page, run } = await begin(world);
    const text = `seen with the keyboard ${Date.now()}`;
    await page.keyboard.press("c");
    await page.keyboard.type(`${text} pfu`);
    assert.equal(await chosen(page), run.first[0], "letters in the box are letters");
    await page.keyboard.press("Escape");
    await page.keyboard.press("b");
    await settled(page);
    assert.equal(await world.statusOf(run.first[0]), status.blocked);
    await eventually(
      async () => (await world.commentsOf(run.first[0])).some((found) => found.includes(text)),
      "the comment was saved",
    );
  },

  "Ctrl+Enter saves a comment and goes on": async (world) => {
    const { page, run } = await begin(world);
    const text = `only a comment ${Date.now()}`;
    await page.keyboard.press("c");
    await page.keyboard.type(text);
    await page.keyboard.press("Control+Enter");
    assert.equal(await chosen(page), run.first[1]);
    await eventually(
      async () => (await world.commentsOf(run.first[0])).some((found) => found.includes(text)),
      "the comment was saved",
    );
    assert.equal(await world.statusOf(run.first[0]), status.idle);
  },

  "what is being written survives a saved result": async (world) => {
    const { page, run } = await begin(world);
    await page.click(`#test-execution-${run.first[0]} .status`);
    await page.click(`#status-menu [data-status="${status.running}"]`);
    await page.keyboard.press("c");
    await page.keyboard.type("pass");
    await settled(page);
    await page.waitForLoadState("networkidle");
    await page.keyboard.type(" on");
    assert.equal(await page.inputValue("#panel textarea"), "pass on");
    assert.equal(await chosen(page), run.first[0]);
    assert.equal(await world.statusOf(run.first[0]), status.running);
  },

  "n and N jump to what is left": async (world) => {
    const { page, run } = await begin(world);
    await page.keyboard.press("p");
    await settled(page);
    await page.keyboard.press("N");
    const last = await chosen(page);
    assert.notEqual(last, run.first[0], "a finished one is skipped");
    await page.keyboard.press("n");
    assert.equal(await chosen(page), run.first[1]);
  },

  "a series needs at most one request per result": async (world) => {
    const { page, run } = await begin(world, 12);
    let requests = 0;
    page.on("request", (request) => {
      requests += request.url().endsWith("/results/") ? 1 : 0;
    });
    for (const _ of run.first) {
      await page.keyboard.press("w");
    }
    await settled(page);
    assert.ok(requests <= run.first.length, `${requests} requests`);
    for (const id of run.first) {
      assert.equal(await world.statusOf(id), status.waived);
    }
  },

  "the screen changes at once, before the server has answered": async (world) => {
    const { page, run } = await begin(world);
    const shown = await page.evaluate((selector) => {
      const button = document.querySelector(`${selector} .status`);
      window.dispatchEvent(new KeyboardEvent("keydown", { key: "p", cancelable: true }));
      return button.textContent;
    }, row(run.first[0]));
    assert.equal(shown, "Passed");
    await settled(page);
  },

  "v hides the list and shows it again": async (world) => {
    const { page } = await begin(world);
    await page.keyboard.press("v");
    assert.equal(await page.locator("#executions").isVisible(), false);
    await page.keyboard.press("v");
    assert.equal(await page.locator("#executions").isVisible(), true);
  },

  "single keys can be switched off": async (world) => {
    const { page, run } = await begin(world);
    await page.keyboard.press("?");
    await page.uncheck("[data-single-keys]");
    await page.keyboard.press("Escape");
    await page.keyboard.press("p");
    assert.equal(await page.getAttribute(row(run.first[0]), "data-status"), String(status.idle));
  },

  "g d leads to the dashboard, and d alone does not": async (world) => {
    const { page } = await begin(world);
    await page.keyboard.press("g");
    await page.keyboard.press("d");
    await page.waitForURL((url) => url.pathname === "/");
  },
};
