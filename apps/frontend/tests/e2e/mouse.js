// Executing with the mouse.

import { strict as assert } from "node:assert";
import { chosen, eventually, panelShows, settled, status } from "./world.js";

export const tests = {
  "the status of a row is chosen from a menu": async (world) => {
    const page = await world.member();
    const run = await world.run(page);
    const third = run.first[2];
    await page.click(`#test-execution-${third} .status`);
    await page.click(`#status-menu [data-status="${status.failed}"]`);
    await settled(page);
    assert.equal(await world.statusOf(third), status.failed);
    assert.equal(await page.textContent(`#test-execution-${third} .status`), "Failed");
  },

  "the menu works with arrows and letters, and Escape leaves it": async (world) => {
    const page = await world.member();
    const run = await world.run(page);
    const opener = page.locator(`#test-execution-${run.first[2]} .status`);
    await opener.focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Escape");
    assert.equal(await page.locator("#status-menu").isVisible(), false);
    assert.ok(await opener.evaluate((button) => button === document.activeElement));
    await page.keyboard.press("Enter");
    await page.keyboard.press("e");
    await settled(page);
    assert.equal(await world.statusOf(run.first[2]), status.error);
  },

  "a click on a row shows it, a button of the panel records": async (world) => {
    const page = await world.member();
    const run = await world.run(page);
    await page.click(`#test-execution-${run.first[1]} th`);
    await panelShows(page, run.first[1]);
    await page.fill("#panel textarea", "clicked");
    await page.click(`#panel .status-choice[value="${status.passed}"]`);
    await settled(page);
    assert.equal(await world.statusOf(run.first[1]), status.passed);
    assert.equal(await chosen(page), run.first[2]);
    await eventually(
      async () => (await world.commentsOf(run.first[1])).includes("clicked"),
      "the comment was saved",
    );
  },

  "a saved comment is shown": async (world) => {
    const page = await world.member();
    const run = await world.run(page);
    const text = `shown at once ${Date.now()}`;
    await panelShows(page, run.first[0]);
    await page.fill("#panel textarea", text);
    await page.click("[data-save-comment]");
    await page.waitForSelector(`#panel .comments >> text=${text}`);
    assert.equal(await chosen(page), run.first[0]);
  },

  "the arrows of the panel move": async (world) => {
    const page = await world.member();
    const run = await world.run(page);
    await panelShows(page, run.first[0]);
    await page.click('[data-go="next"]');
    await panelShows(page, run.ids[1]);
    assert.match(await page.textContent("[data-position]"), /^2 of \d+$/);
    await page.click('[data-go="previous"]');
    await panelShows(page, run.ids[0]);
  },

  "a link to an execution leads to it": async (world) => {
    const page = await world.member();
    const run = await world.run(page);
    const target = run.ids.at(-1);
    await page.goto(`/runs/${run.id}/#test-execution-${target}`);
    await panelShows(page, target);
    assert.ok(await page.locator(`#test-execution-${target}`).isVisible());
  },
};
