// Everything must also work when scripts do not.

import { strict as assert } from "node:assert";
import { panelShows, status } from "./world.js";

const plain = { javaScriptEnabled: false };

export const tests = {
  "log-in and log-out": async (world) => {
    const page = await world.visitor(plain);
    await page.goto("/accounts/login/");
    await world.logIn(page);
    assert.equal(new URL(page.url()).pathname, "/");
    assert.equal(await page.locator("[data-needs-script]:visible").count(), 0);
  },

  "a result": async (world) => {
    const helper = await world.member();
    const run = await world.run(helper);
    const page = await world.member(plain);
    await page.goto(`/runs/${run.id}/`);
    await page.click(`#test-execution-${run.first[1]} th button`);
    await panelShows(page, run.first[1]);
    await page.fill("#panel textarea", "without script");
    await page.click(`.status-choice[value="${status.failed}"]`);
    assert.equal(new URL(page.url()).pathname, `/runs/${run.id}/`);
    assert.equal(await world.statusOf(run.first[1]), status.failed);
    assert.ok((await world.commentsOf(run.first[1])).includes("without script"));
  },

  "a result in a filtered list keeps the filter": async (world) => {
    const helper = await world.member();
    const run = await world.run(helper);
    const page = await world.member(plain);
    await page.goto(`/runs/${run.id}/?status_id=${status.idle}`);
    await page.click(`#test-execution-${run.first[0]} .status`);
    assert.equal(new URL(page.url()).searchParams.get("status_id"), String(status.idle));
    await page.click(`.status-choice[value="${status.passed}"]`);
    assert.equal(new URL(page.url()).searchParams.get("status_id"), String(status.idle));
    assert.equal(await world.statusOf(run.first[0]), status.passed);
  },
};
