import { beforeEach, expect, test } from "vitest";
import { matches, showMatching } from "../../src/reference";

beforeEach(() => {
  document.body.innerHTML = `
    <nav><details data-class id="list"><ul>
      <li data-method="TestCase.filter" data-words="summary testcases.view_testcase"></li>
      <li data-method="TestCase.add_tag" data-words="testcases.add_testcasetag"></li></ul></details>
      <details data-class id="other"><ul><li data-method="Tag.filter" data-words=""></li></ul></details></nav>
    <p data-nothing hidden></p>
    <section data-class><article data-method="TestCase.filter"></article>
      <article data-method="TestCase.add_tag"></article></section>
    <section data-class><article data-method="Tag.filter"></article></section>`;
});

function shown(): string[] {
  const articles = document.querySelectorAll<HTMLElement>("article:not([hidden])");
  return [...articles].map((article) => article.dataset.method ?? "");
}

test("every word must occur", () => {
  expect(matches("filter TAG", "Tag.filter")).toBe(true);
  expect(matches("filter case", "Tag.filter")).toBe(false);
  expect(matches("", "Tag.filter")).toBe(true);
});

test("names, permissions and fields are searched", () => {
  expect(showMatching(document, "filter")).toBe(2);
  expect(shown()).toEqual(["TestCase.filter", "Tag.filter"]);
  showMatching(document, "view_testcase");
  expect(shown()).toEqual(["TestCase.filter"]);
  expect(document.querySelector<HTMLElement>("#other")?.hidden).toBe(true);
  showMatching(document, "");
  expect(shown()).toHaveLength(3);
});

test("nothing found is said", () => {
  const nothing = document.querySelector<HTMLElement>("[data-nothing]");
  expect(showMatching(document, "zebra")).toBe(0);
  expect(nothing?.hidden).toBe(false);
  showMatching(document, "tag");
  expect(nothing?.hidden).toBe(true);
});
