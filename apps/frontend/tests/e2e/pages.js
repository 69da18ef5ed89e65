// Every page in light and dark, wide and narrow: pictures, axe, nothing in the console.

import { strict as assert } from "node:assert";
import { join } from "node:path";
import { seriousFindings, views } from "../../tools/check-pages.js";
import { chosen, openRun, panelShows, screenshots, status } from "./world.js";

async function look(page, name) {
  await page.waitForLoadState("networkidle");
  await page.screenshot({ path: join(screenshots, `${name}.png`) });
  assert.deepEqual(await seriousFindings(page), [], name);
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
  );
  assert.equal(sideways, false, `${name} scrolls sideways`);
}

async function everywhere(world, name, open, logged = true) {
  for (const view of views) {
    const options = {
      viewport: { width: view.width, height: view.height },
      colorScheme: view.colorScheme,
    };
    const page = logged ? await world.member(options) : await world.visitor(options);
    await open(page);
    await look(page, `${name}-${view.name}`);
  }
}

export const tests = {
  "the log-in page": (world) =>
    everywhere(world, "login", (page) => page.goto("/accounts/login/"), false),

  "the dashboard": (world) =>
    everywhere(world, "dashboard", async (page) => {
      await page.goto("/");
      assert.match(await page.title(), /^Kiwi - /);
      assert.equal(await page.locator("h1").count(), 1);
    }),

  "a plan": async (world) => {
    const run = await world.run(await world.member());
    await everywhere(world, "plan", async (page) => {
      await page.goto(`/plan/${run.plan}/`);
      assert.match(await page.title(), new RegExp(`TP-${run.plan}: `));
      const pk = await page.getAttribute("#test_plan_pk", "data-testplan-pk");
      assert.equal(pk, String(run.plan));
      assert.ok((await page.locator(".list-cases tbody tr").count()) > 0);
    });
  },

  "a run": async (world) => {
    const run = await world.run(await world.member());
    await everywhere(world, "run", async (page) => {
      await openRun(page, `/runs/${run.id}/`);
      assert.equal(await page.getAttribute("#test_run_pk", "data-pk"), String(run.id));
      assert.equal(await page.locator("#executions tr").count(), run.ids.length);
      if (page.viewportSize().width > 1100) {
        await panelShows(page, await chosen(page));
      }
    });
  },

  "one execution": async (world) => {
    const run = await world.run(await world.member());
    await everywhere(world, "execution", async (page) => {
      await page.goto(`/runs/${run.id}/?focus=${run.first[1]}`);
      await panelShows(page, run.first[1]);
    });
  },

  "the keyboard help and the menus": async (world) => {
    const page = await world.member();
    const run = await world.run(page);
    await panelShows(page, run.first[0]);
    await page.keyboard.press("?");
    assert.ok(await page.locator("#shortcuts").isVisible());
    await look(page, "shortcuts");
    await page.keyboard.press("Escape");
    await page.click("#user-menu > button");
    await look(page, "user-menu");
    await page.keyboard.press("Escape");
    await page.click(`#test-execution-${run.first[0]} .status`);
    await look(page, "status-menu");
    await page.keyboard.press("Escape");
    await page.click(".run-details summary");
    await look(page, "run-details");
  },

  "an address that leads nowhere": async (world) => {
    const page = await world.member();
    for (const path of ["/no/such/page/", "/runs/999999999/", "/plan/999999999/"]) {
      const answer = await page.goto(path);
      assert.equal(answer.status(), 404, path);
      assert.equal(await page.locator("h1").count(), 1);
      assert.ok(await page.locator('main a[href="/"]').isVisible());
    }
    world.expectNoise(/404/);
    await look(page, "not-found");
  },

  "a filter shows only what has the status": async (world) => {
    const page = await world.member();
    const run = await world.run(page);
    await page.goto(`/runs/${run.id}/?status_id=${status.idle}`);
    const shown = await page.$$eval("#executions tr", (rows) =>
      rows.map((row) => row.dataset.status),
    );
    assert.ok(shown.length >= run.first.length);
    assert.ok(shown.every((id) => id === String(status.idle)));
    const total = await page.textContent(".status-count-all span");
    assert.equal(total, String(run.ids.length), "counts are of the whole run");
  },

  "chosen colours stay, and are there from the first paint": async (world) => {
    const page = await world.member();
    await page.goto("/");
    await page.click("#user-menu > button");
    await page.check('input[name="theme"][value="dark"]', { force: true });
    assert.equal(await page.getAttribute("html", "data-bs-theme"), "dark");
    const html = await page.evaluate(async () => (await fetch("/")).text());
    assert.match(html, /<html[^>]* data-bs-theme="dark"/);
  },
};
