// Shows every sample page without a server or a database:
//
//   npm run preview   serves them on http://127.0.0.1:8090/
//   npm run pages     takes screenshots, runs axe and html-validate, ends with `N passed, N failed`
//
// The pages come from the example `preview` of the crate `views`, or from the program PREVIEW_BIN.
//
// Answers the requests of the run page well enough to try keyboard and menus.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, resolve } from "node:path";
import { markupFindings } from "./check-markup.js";
import { checkPages } from "./check-pages.js";

const root = resolve(import.meta.dirname, "../../..");
const pages = join(root, "target/preview");
const assets = join(root, "apps/frontend/dist/static");
const policy =
  "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const types = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
};

const program = process.env.PREVIEW_BIN
  ? [process.env.PREVIEW_BIN]
  : ["cargo", "run", "--quiet", "-p", "views", "--example", "preview", "--"];
execFileSync(program[0], [...program.slice(1), pages], { cwd: root, stdio: "inherit" });

const captcha = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 64" fill="none" stroke="#1f4e79" stroke-width="4"><path d="M14 50 28 14 42 50M20 38H36M54 14V50H74M90 14H110M100 14V50M124 14 136 34 148 14M136 34V50"/><path d="M8 40 150 24" stroke="#7a1f1f"/></svg>`;

const page = (name) => readFileSync(join(pages, `${name}.html`), "utf8");
const statuses = new Map(
  [
    ...page("run").matchAll(
      /role="menuitemradio".*?data-status="(\d+)" data-name="(.*?)" data-tone="(.*?)" data-glyph="(.*?)"/g,
    ),
  ].map(([, id, name, tone, glyph]) => [Number(id), { name, tone, glyph }]),
);

function panel(id) {
  const row = new RegExp(
    `<tr id="test-execution-${id}".*?TC-(\\d+).*?value="${id}">([^<]*)</button></th>`,
  ).exec(page("run"));
  return page("fragment-panel")
    .replaceAll("709", String(id))
    .replaceAll("TC-109", `TC-${row?.[1] ?? 0}`)
    .replace(/(<h2 id="panel-title">)[^<]*/, `$1${row?.[2] ?? ""}`);
}

function results(body) {
  const rows = JSON.parse(body)
    .filter((result) => result.status)
    .map((result) => {
      const { name, tone, glyph } = statuses.get(result.status);
      const html = new RegExp(`<tr id="test-execution-${result.execution}".*?</tr>`)
        .exec(page("run"))[0]
        .replace(/data-status="\d+"/, `data-status="${result.status}"`)
        .replace(/class="status [^"]*"/, `class="status tone-${tone} glyph-${glyph}"`)
        .replace(/(name="focus" value="\d+">)[^<]*/, `$1${name}`);
      return { id: result.execution, html };
    });
  return { rows, progress: page("fragment-progress") };
}

function answer(method, path, body) {
  const file = path.startsWith("/static/") ? join(assets, path.slice(8)) : null;
  if (file && existsSync(file) && extname(file) in types) {
    return [types[extname(file)], readFileSync(file)];
  }
  if (path.startsWith("/captcha/image/")) {
    return [types[".svg"], captcha];
  }
  const fragment = /^\/ui\/executions\/(\d+)\/panel\/$/.exec(path);
  if (fragment) {
    return [types[".html"], panel(fragment[1])];
  }
  if (method === "POST" && /^\/ui\/runs\/\d+\/results\/$/.test(path)) {
    return ["application/json", JSON.stringify(results(body))];
  }
  const name = { "/": "dashboard", "/runs/9/": "run", "/plan/3/": "plan" }[path] ?? path.slice(1);
  if (name === "index") {
    const links = readdirSync(pages).map((entry) => entry.replace(".html", ""));
    return [types[".html"], links.map((link) => `<p><a href="/${link}">${link}</a></p>`).join("")];
  }
  return existsSync(join(pages, `${name}.html`)) ? [types[".html"], page(name)] : null;
}

const server = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => {
    body += chunk;
  });
  request.on("end", () => {
    const { pathname } = new URL(request.url, "http://localhost");
    const [type, content] = answer(request.method, pathname, body) ?? [];
    response.writeHead(content === undefined ? 404 : 200, {
      "Content-Type": type ?? types[".html"],
      "Content-Security-Policy": policy,
    });
    response.end(content ?? page("error-404"));
  });
});

const check = process.argv.includes("--check");
server.listen(check ? 0 : 8090, "127.0.0.1", async () => {
  const address = `http://127.0.0.1:${server.address().port}`;
  if (!check) {
    process.stdout.write(`${address}/index\n`);
    return;
  }
  const shots = join(root, "target/screenshots/preview");
  mkdirSync(shots, { recursive: true });
  const names = readdirSync(pages)
    .map((entry) => entry.replace(".html", ""))
    .filter((name) => !name.startsWith("fragment-"));
  let { passed, failed } = await checkPages(address, names, shots);
  for (const name of names) {
    const findings = await markupFindings(join(pages, `${name}.html`));
    passed += findings.length === 0 ? 1 : 0;
    failed += findings.length === 0 ? 0 : 1;
    for (const finding of findings) {
      process.stdout.write(`${name}.html:${finding}\n`);
    }
  }
  server.close();
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = failed ? 1 : 0;
});
