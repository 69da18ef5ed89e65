// Browser tests against a running server with the demonstration in it:
//
//   KIWI_BASE_URL=https://demo.kiwi.localhost:8443 KIWI_USERNAME=… KIWI_PASSWORD=… npm run e2e
//
// KIWI_SLOWNESS=6 makes pages six times slower, to find tests that only a fast machine passes.
// Pictures go to target/screenshots. The last line is `N passed, N failed`.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launch } from "../../tools/check-pages.js";
import { address, screenshots, World } from "./world.js";

const files = ["account", "pages", "keyboard", "mouse", "phone", "without-script", "trouble"];

if (!address) {
  process.stdout.write(
    "KIWI_BASE_URL is missing: it names the server to test\n0 passed, 1 failed\n",
  );
  process.exit(1);
}
mkdirSync(screenshots, { recursive: true });

const wanted = process.argv[2];
const browser = await launch();
const world = new World(browser);
let passed = 0;
let failed = 0;
for (const file of files) {
  const { tests } = await import(`./${file}.js`);
  for (const [name, test] of Object.entries(tests)) {
    if (wanted && !`${file}: ${name}`.includes(wanted)) {
      continue;
    }
    const problems = [];
    try {
      await world.begin();
      await test(world);
      problems.push(...world.unexpected());
    } catch (error) {
      problems.push(error.stack ?? String(error));
      await world.picture(join(screenshots, `failed-${file}-${passed + failed}.png`));
    } finally {
      await world.end();
    }
    if (problems.length === 0) {
      passed += 1;
      process.stdout.write(`ok      ${file}: ${name}\n`);
    } else {
      failed += 1;
      process.stdout.write(`FAILED  ${file}: ${name}\n  ${problems.join("\n  ")}\n`);
    }
  }
}
await browser.close();
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed ? 1 : 0;
