import { beforeEach, expect, test, vi } from "vitest";
import { timeIn } from "../../src/clock";
import { showLocalTimes } from "../../src/dates";
import { startPassword } from "../../src/password";
import { chooseTheme } from "../../src/theme";
import { toast } from "../../src/toasts";
import { words } from "../../src/words";

beforeEach(() => {
  document.body.innerHTML = "";
});

test("a theme applies at once and is remembered", () => {
  chooseTheme("dark");
  expect(document.documentElement.dataset.bsTheme).toBe("dark");
  expect(document.cookie).toContain("theme=dark");
  chooseTheme("anything else");
  expect(document.documentElement.dataset.bsTheme).toBeUndefined();
  expect(document.cookie).toContain("theme=system");
});

test("the clock knows zones and survives unknown ones", () => {
  const noon = new Date("2026-07-01T12:00:00Z");
  expect(timeIn("Europe/Sofia", noon)).toBe("15:00");
  expect(timeIn("Nowhere/Land", noon)).toBeUndefined();
});

test("times are rewritten, broken ones left alone", () => {
  document.body.innerHTML =
    '<time datetime="2026-01-05T10:11:12Z">old</time><time datetime="x">kept</time>';
  showLocalTimes(document);
  const [good, broken] = document.querySelectorAll("time");
  expect(good?.textContent).toContain("2026");
  expect(good?.title).toBeTruthy();
  expect(broken?.textContent).toBe("kept");
});

test("sentences are filled, text stays text", () => {
  document.body.innerHTML = '<p data-word-done="{who}: {what} of {unknown}"></p>';
  const element = document.querySelector("p") as HTMLElement;
  expect(words(element, "done", { who: "<b>", what: 3 })).toBe("<b>: 3 of {unknown}");
  expect(words(element, "absent")).toBe("");
});

test("the password can be shown and is hidden again when sent", () => {
  document.body.innerHTML = `<form><div><div data-password>
    <input type="password"><button type="button" aria-pressed="false"></button></div></div></form>`;
  startPassword();
  const input = document.querySelector("input") as HTMLInputElement;
  const button = document.querySelector("button") as HTMLButtonElement;
  button.click();
  expect(input.type).toBe("text");
  expect(button.getAttribute("aria-pressed")).toBe("true");
  document.querySelector("form")?.dispatchEvent(new Event("submit"));
  expect(input.type).toBe("password");
});

test("notices are text, and bad ones wait for an answer", () => {
  document.body.innerHTML = '<div id="toasts"></div>';
  const run = vi.fn();
  toast("first");
  toast("<i>second</i>");
  toast("bad", { bad: true, actions: [{ label: "Again", run }] });
  const texts = [...document.querySelectorAll(".toast span")].map((span) => span.textContent);
  expect(texts).toEqual(["<i>second</i>", "bad"]);
  document.querySelector<HTMLButtonElement>(".toast-bad button")?.click();
  expect(run).toHaveBeenCalledOnce();
  expect(document.querySelectorAll(".toast").length).toBe(1);
});
