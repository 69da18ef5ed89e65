// What the tests share: browsers that are logged in, calls of the API, a run in a known state.

import { strict as assert } from "node:assert";
import { resolve } from "node:path";

export const address = process.env.KIWI_BASE_URL?.replace(/\/$/, "");
export const screenshots = resolve(import.meta.dirname, "../../../../target/screenshots");

const account = {
  username: process.env.KIWI_USERNAME ?? "",
  password: process.env.KIWI_PASSWORD ?? "",
};

const slowness = Number(process.env.KIWI_SLOWNESS ?? 1);

const patience = 10_000 * slowness;

/** Names of the statuses as they are shipped, with their ids. */
export const status = {
  idle: 1,
  running: 2,
  paused: 3,
  passed: 4,
  failed: 5,
  blocked: 6,
  error: 7,
  waived: 8,
};

export class World {
  #browser;
  #contexts = [];
  #noise = [];
  #session = null;
  #run = null;
  #api = null;

  constructor(browser) {
    this.#browser = browser;
  }

  async begin() {
    this.#noise = [];
  }

  async end() {
    for (const context of this.#contexts.splice(0)) {
      await context.close();
    }
  }

  /** What pages wrote to the console and nobody expected. */
  unexpected() {
    return this.#noise;
  }

  /** Says that a test causes an entry in the console on purpose. */
  expectNoise(pattern) {
    this.#noise = this.#noise.filter((line) => !pattern.test(line));
  }

  async picture(path) {
    const page = this.#contexts.at(-1)?.pages().at(-1);
    await page?.screenshot({ path }).catch(() => undefined);
  }

  /** A browser of somebody nobody knows. */
  async visitor(options = {}) {
    const context = await this.#browser.newContext({
      baseURL: address,
      ignoreHTTPSErrors: true,
      reducedMotion: "reduce",
      viewport: { width: 1440, height: 900 },
      ...options,
    });
    context.setDefaultTimeout(patience);
    this.#contexts.push(context);
    const page = await context.newPage();
    await slowDown(page);
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") {
        this.#noise.push(message.text());
      }
    });
    page.on("pageerror", (error) => this.#noise.push(error.message));
    return page;
  }

  /** A browser that is logged in; the form is filled only once for all tests. */
  async member(options = {}) {
    if (!this.#session) {
      const page = await this.visitor();
      await page.goto("/accounts/login/");
      await this.logIn(page);
      this.#session = await page.context().storageState();
    }
    return this.visitor({ storageState: this.#session, ...options });
  }

  /** Sends the log-in form. */
  async logIn(page, { username, password } = account) {
    await page.fill("#inputUsername", username);
    await page.fill("#inputPassword", password);
    await Promise.all([page.waitForEvent("load"), page.press("#inputPassword", "Enter")]);
  }

  /** Calls the API, from a page of its own: only the browser knows the host names of tenants. */
  async call(method, ...params) {
    if (!this.#api) {
      this.#api = await this.member();
      this.#contexts = this.#contexts.filter((context) => context !== this.#api.context());
      await this.#api.goto("/");
    }
    const { result, error } = await this.#api.evaluate(
      async (body) => {
        const answer = await fetch("/json-rpc/", {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify(body),
        });
        return answer.json();
      },
      { jsonrpc: "2.0", id: "jsonrpc", method, params },
    );
    assert.equal(error, undefined, `${method}: ${JSON.stringify(error)}`);
    return result;
  }

  /** The unfinished run with the most executions, its first `count` of them without result. */
  async run(page, count = 6) {
    if (!this.#run) {
      const runs = await this.call("TestRun.filter", { stop_date__isnull: true });
      const sizes = await Promise.all(
        runs.map(async (run) => ({
          id: run.id,
          plan: run.plan,
          executions: (await this.call("TestExecution.filter", { run: run.id })).length,
        })),
      );
      this.#run = sizes.sort((a, b) => b.executions - a.executions)[0];
      assert.ok(this.#run?.executions >= count, "the demonstration has no run to work on");
    }
    await openRun(page, `/runs/${this.#run.id}/`);
    const ids = await page.$$eval("#executions tr", (rows) =>
      rows.map((row) => Number(row.dataset.id)),
    );
    const first = ids.slice(0, count);
    for (const id of first) {
      await this.call("TestExecution.update", id, { status: status.idle });
    }
    await openRun(page, `/runs/${this.#run.id}/`);
    return { ...this.#run, ids, first };
  }

  /** Status id of an execution as the API tells it. */
  async statusOf(execution) {
    const [found] = await this.call("TestExecution.filter", { id: execution });
    return found.status;
  }

  /** Texts of the comments of an execution. */
  async commentsOf(execution) {
    const comments = await this.call("TestExecution.get_comments", execution);
    return comments.map((comment) => comment.comment);
  }
}

/** Opens the page of a run and waits for its script, which comes after the page is loaded. */
export async function openRun(page, path) {
  await page.goto(path);
  await page.waitForSelector("k-run:defined");
}

/** Gives a page the processor and the network of a busy machine. */
async function slowDown(page) {
  if (slowness > 1) {
    const session = await page.context().newCDPSession(page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: slowness });
    await page.route(/\.js$/, async (route) => {
      await new Promise((resume) => setTimeout(resume, 100 * slowness));
      await route.continue();
    });
  }
}

/** Waits until all results have arrived. */
export async function settled(page) {
  await page.waitForFunction(() => !document.querySelector("#executions tr.saving"));
}

/** Waits until something holds. */
export async function eventually(check, message) {
  const end = Date.now() + patience;
  for (;;) {
    const value = await check();
    if (value) {
      return value;
    }
    assert.ok(Date.now() < end, message);
    await new Promise((resume) => setTimeout(resume, 50));
  }
}

/** The chosen row's execution. */
export function chosen(page) {
  return page
    .locator("#executions tr[aria-current=true]")
    .evaluate((row) => Number(row.dataset.id));
}

/** The execution whose panel is shown. */
export async function panelShows(page, execution) {
  await page.waitForSelector(`#panel article[data-execution="${execution}"]`);
}
