import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { List } from "../../src/run/list";
import { Panel } from "../../src/run/panel";

const article = (id: number) =>
  `<article data-execution="${id}"><span data-position></span><button data-go="previous"></button>
   <button data-go="next"></button><textarea></textarea></article>`;

let list: List;
let panel: Panel;
const row = (id: number) => list.row(id) as HTMLElement;

beforeEach(() => {
  document.body.innerHTML = `<div id="host" data-panels="/ui/executions/0/panel/"
      data-word-position="{position} of {total}" data-word-panel-failed="failed">
    <table><tbody><tr id="test-execution-1" data-id="1"></tr><tr id="test-execution-2" data-id="2"></tr></tbody></table>
    <section id="panel" tabindex="-1"></section></div>`;
  vi.stubGlobal(
    "fetch",
    vi.fn(async (url: string) => new Response(article(Number(/\d+/.exec(url)?.[0])))),
  );
  list = new List(document.querySelector("tbody") as HTMLElement, new Map());
  panel = new Panel(
    document.querySelector("#panel") as HTMLElement,
    document.querySelector("#host") as HTMLElement,
    list,
  );
});

afterEach(() => vi.unstubAllGlobals());

test("position and arrows follow the list", async () => {
  list.choose(row(1));
  expect(await panel.show(row(1))).toBe(true);
  expect(panel.shown).toBe(1);
  expect(document.querySelector("[data-position]")?.textContent).toBe("1 of 2");
  expect(document.querySelector<HTMLButtonElement>('[data-go="previous"]')?.disabled).toBe(true);
  expect(document.querySelector<HTMLButtonElement>('[data-go="next"]')?.value).toBe("2");
});

test("a panel that comes too late is not shown", async () => {
  list.choose(row(1));
  const late = panel.show(row(1));
  list.choose(row(2));
  expect(await late).toBe(false);
  expect(panel.element.innerHTML).toBe("");
});

test("what is written stays with its execution only", async () => {
  list.choose(row(1));
  await panel.show(row(1));
  panel.write(1);
  (panel.comment as HTMLTextAreaElement).value = "half a sent";
  panel.forget(1);
  await panel.show(row(1));
  expect(panel.comment?.value).toBe("half a sent");
  expect(document.activeElement).toBe(panel.comment);
  expect(panel.takeComment(2)).toBe("");
  list.choose(row(2));
  await panel.show(row(2));
  expect(panel.comment?.value).toBe("");
});

test("the comment box gets the keyboard when its panel arrives", async () => {
  list.choose(row(2));
  panel.write(2);
  await panel.show(row(2));
  expect(document.activeElement).toBe(panel.comment);
});

test("a failure can be tried again", async () => {
  vi.stubGlobal("fetch", vi.fn().mockRejectedValue(new TypeError("network")));
  list.choose(row(1));
  expect(await panel.show(row(1))).toBe(false);
  expect(panel.element.querySelector("[data-retry]")).not.toBeNull();
});
