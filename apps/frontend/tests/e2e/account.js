// Coming and going.

import { strict as assert } from "node:assert";
import { seriousFindings } from "../../tools/check-pages.js";
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

  "a forgotten password needs the letters of a picture": async (world) => {
    const page = await world.visitor();
    await page.goto("/accounts/login/");
    await page.click("text=Forgot your password?");
    await page.waitForURL("**/accounts/passwordreset/");
    const picture = page.locator(".captcha img");
    assert.ok(await picture.evaluate((image) => image.complete && image.naturalWidth > 0));
    const first = await picture.getAttribute("src");
    await page.fill("#id_email", "somebody@example.org");
    await page.fill("#id_captcha_1", "no letters at all");
    await Promise.all([page.waitForEvent("load"), page.press("#id_captcha_1", "Enter")]);
    assert.equal(await page.inputValue("#id_email"), "somebody@example.org");
    assert.equal(await page.textContent("#id_captcha_1_errors"), "Invalid CAPTCHA");
    assert.notEqual(await picture.getAttribute("src"), first);
    assert.ok(
      await page.locator("#id_captcha_1").evaluate((field) => field === document.activeElement),
    );
    assert.deepEqual(await seriousFindings(page), []);
  },

  "whoever registers sees what is wrong beside the fields": async (world) => {
    const page = await world.visitor();
    await page.goto("/accounts/register/");
    assert.deepEqual(await seriousFindings(page), []);
    await page.fill("#id_username", "nora");
    await page.fill("#id_email", "nora@example.org");
    await page.fill("#id_password1", "Correct-horse-26");
    await page.fill("#id_password2", "Correct-horse-26");
    await page.fill("#id_captcha_1", "no letters at all");
    await Promise.all([page.waitForEvent("load"), page.press("#id_captcha_1", "Enter")]);
    assert.equal(await page.inputValue("#id_username"), "nora");
    assert.equal(await page.inputValue("#id_password1"), "");
    assert.ok(await page.locator("#id_captcha_1_errors").isVisible());
  },

  "somebody who is logged in finds the page for another password": async (world) => {
    const page = await world.member();
    await page.goto("/");
    await page.click("#user-menu > button");
    await page.click("text=Change password");
    await page.waitForURL("**/admin/password_change/");
    assert.deepEqual(await seriousFindings(page), []);
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
