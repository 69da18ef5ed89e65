// Coming and going.

import { strict as assert } from "node:assert";
import { address } from "./world.js";

export const tests = {
  "a wrong password is refused and the name is kept": async (world) => {
    const page = await world.visitor();
    await page.goto("/accounts/login/");
    await world.logIn(page, { username: "nobody-here", password: "wrong" });
    assert.equal(new URL(page.url()).pathname, "/accounts/login/");
    assert.equal(await page.inputValue("#inputUsername"), "nobody-here");
    assert.equal(await page.inputValue("#inputPassword"), "");
    assert.ok(await page.locator("[role=alert]").isVisible());
    assert.ok(
      await page.locator("#inputPassword").evaluate((field) => field === document.activeElement),
    );
  },

  "the password can be shown": async (world) => {
    const page = await world.visitor();
    await page.goto("/accounts/login/");
    await page.fill("#inputPassword", "secret");
    await page.click("[data-password] button");
    assert.equal(await page.getAttribute("#inputPassword", "type"), "text");
    await page.click("[data-password] button");
    assert.equal(await page.getAttribute("#inputPassword", "type"), "password");
  },

  "whoever logs in goes on where they wanted to": async (world) => {
    const page = await world.visitor();
    await page.goto("/runs/1/?status_id=4");
    const here = new URL(page.url());
    assert.equal(here.pathname, "/accounts/login/");
    assert.equal(here.searchParams.get("next"), "/runs/1/?status_id=4");
    await world.logIn(page);
    assert.equal(page.url(), `${address}/runs/1/?status_id=4`);
  },

  "log-out ends the session": async (world) => {
    const page = await world.visitor();
    await page.goto("/accounts/login/");
    await world.logIn(page);
    assert.equal(new URL(page.url()).pathname, "/");
    await page.click("#user-menu > button");
    await Promise.all([page.waitForEvent("load"), page.click("#logout_link")]);
    assert.equal(new URL(page.url()).pathname, "/accounts/login/");
    await page.goto("/");
    assert.equal(new URL(page.url()).pathname, "/accounts/login/");
  },
};
