// Draws public/favicon.ico from public/images/favicon.svg: `node tools/favicon.js`.

import { readFileSync, writeFileSync } from "node:fs";
import { launch } from "./check-pages.js";

const svg = readFileSync("public/images/favicon.svg", "utf8");
const browser = await launch();
const pictures = [];
for (const size of [16, 32, 48]) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(
    `<style>*{margin:0;display:block}</style>${svg.replace("<svg", `<svg width="${size}" height="${size}"`)}`,
  );
  pictures.push({ size, png: await page.screenshot({ omitBackground: true }) });
}
await browser.close();

const head = Buffer.alloc(6);
head.writeUInt16LE(1, 2);
head.writeUInt16LE(pictures.length, 4);
let offset = head.length + 16 * pictures.length;
const entries = pictures.map(({ size, png }) => {
  const entry = Buffer.alloc(16);
  entry.writeUInt8(size, 0);
  entry.writeUInt8(size, 1);
  entry.writeUInt16LE(1, 4);
  entry.writeUInt16LE(32, 6);
  entry.writeUInt32LE(png.length, 8);
  entry.writeUInt32LE(offset, 12);
  offset += png.length;
  return entry;
});
writeFileSync(
  "public/favicon.ico",
  Buffer.concat([head, ...entries, ...pictures.map(({ png }) => png)]),
);
