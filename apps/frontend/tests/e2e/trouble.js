// When the server cannot be reached, nothing that was typed is lost.

import { strict as assert } from "node:assert";
import { panelShows, settled, status } from "./world.js";

export const tests = {
  "a result that did not arrive is shown and can be sent again": async (world) => {
    const page = await world.member();
    const run = await world.run(page);
    await panelShows(page, run.first[0]);
    await page.route("**/results/", (route) => route.abort());
    await page.keyboard.press("p");
    const notice = page.locator(".toast-bad");
    await notice.waitFor();
    assert.ok(await page.locator(`#test-execution-${run.first[0]}.unsaved`).isVisible());
    await page.unroute("**/results/");
    await notice.locator("button").first().click();
    await page.waitForFunction(
      (id) => !document.querySelector(`#test-execution-${id}`).className.includes("unsaved"),
      run.first[0],
    );
    await settled(page);
    assert.equal(await world.statusOf(run.first[0]), status.passed);
    world.expectNoise(/ERR_FAILED/);
  },

  "a panel that did not arrive can be asked for again": async (world) => {
    const page = await world.member();
    const run = await world.run(page);
    await panelShows(page, run.first[0]);
    const last = run.ids.at(-1);
    await page.route("**/panel/", (route) => route.abort());
    await page.click(`#test-execution-${last} th`);
    await page.locator("[data-retry]").waitFor();
    await page.unroute("**/panel/");
    await page.click("[data-retry]");
    await panelShows(page, last);
    world.expectNoise(/ERR_FAILED/);
  },

  "an ended session says so": async (world) => {
    const page = await world.visitor();
    await page.goto("/accounts/login/");
    await world.logIn(page);
    const run = await world.run(page);
    await panelShows(page, run.first[0]);
    await page.context().clearCookies({ name: "sessionid" });
    await page.keyboard.press("p");
    const notice = page.locator(".toast-bad");
    await notice.waitFor();
    assert.match(await notice.textContent(), /session has ended/);
    world.expectNoise(/401|403|302/);
  },
};
