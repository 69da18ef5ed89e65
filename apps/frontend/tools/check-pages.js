// Visits pages in light and dark, wide and narrow; pictures each and lets axe look at it.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Sizes and colours every page is looked at in. */
export const views = [
  { name: "1440-light", width: 1440, height: 900, colorScheme: "light" },
  { name: "1440-dark", width: 1440, height: 900, colorScheme: "dark" },
  { name: "390-light", width: 390, height: 844, colorScheme: "light" },
  { name: "390-dark", width: 390, height: 844, colorScheme: "dark" },
];

/** A browser of the machine; none is downloaded. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
}

/** What axe finds serious on the page as it is now. */
export async function seriousFindings(page) {
  // evaluated through the debugger, which the policy of the page does not concern
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    window.axe.run(document, { resultTypes: ["violations"] }),
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map((node) => `${node.target} ${node.any[0]?.message ?? ""}`).join(" | ")}`,
    );
}

/** Answers how many page states are as they should be and how many are not. */
export async function checkPages(address, names, directory) {
  const browser = await launch();
  const checks = views.map((view) => checkView(browser, view, address, names, directory));
  const failures = (await Promise.all(checks)).reduce((sum, failed) => sum + failed, 0);
  await browser.close();
  return { passed: views.length * names.length - failures, failed: failures };
}

/** Answers how many pages are not as they should be in one size and colour. */
async function checkView(browser, view, address, names, directory) {
  let failed = 0;
  const context = await browser.newContext({
    viewport: { width: view.width, height: view.height },
    colorScheme: view.colorScheme,
    reducedMotion: "reduce",
  });
  for (const name of names) {
    const page = await context.newPage();
    const problems = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") {
        problems.push(message.text());
      }
    });
    page.on("pageerror", (error) => problems.push(error.message));
    await page.goto(`${address}/${name}`, { waitUntil: "networkidle" });
    await page.screenshot({ path: join(directory, `${name}-${view.name}.png`) });
    problems.push(...(await seriousFindings(page)));
    const wide = await page.evaluate(
      () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
    );
    if (wide) {
      problems.push("the page scrolls sideways");
    }
    if (problems.length > 0) {
      failed += 1;
      process.stdout.write(`${name} ${view.name}\n  ${problems.join("\n  ")}\n`);
    }
    await page.close();
  }
  await context.close();
  return failed;
}
