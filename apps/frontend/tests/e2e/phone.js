// Executing with a thumb.

import { strict as assert } from "node:assert";
import { panelShows, settled, status } from "./world.js";

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

export const tests = {
  "one execution at a time, with large buttons": async (world) => {
    const page = await world.member(phone);
    const run = await world.run(page);
    await page.tap(`#test-execution-${run.first[0]} th`);
    await panelShows(page, run.first[0]);
    assert.equal(await page.locator("#executions").isVisible(), false);
    const heights = await page.$$eval(".status-choice", (buttons) =>
      buttons.map((button) => button.getBoundingClientRect().height),
    );
    assert.ok(heights.length >= 8 && heights.every((height) => height >= 48), String(heights));
    const button = page.locator(`.status-choice[value="${status.passed}"]`);
    assert.ok(await button.evaluate((it) => it.getBoundingClientRect().bottom <= innerHeight));
    await button.tap();
    await panelShows(page, run.first[1]);
    await settled(page);
    assert.equal(await world.statusOf(run.first[0]), status.passed);
  },

  "back leads to the list": async (world) => {
    const page = await world.member(phone);
    const run = await world.run(page);
    await page.tap("[data-continue]");
    await panelShows(page, run.first[0]);
    await page.tap("[data-panel-back]");
    assert.equal(await page.locator("#executions").isVisible(), true);
    await page.tap(`#test-execution-${run.first[1]} th`);
    await panelShows(page, run.first[1]);
    await page.goBack();
    assert.equal(await page.locator("#executions").isVisible(), true);
  },
};
