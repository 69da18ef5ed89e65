import { beforeEach, expect, test, vi } from "vitest";
import { isTyping, Keys } from "../../src/keys";

let keys: Keys;

function press(key: string, init: KeyboardEventInit = {}, target: EventTarget = document.body) {
  const event = new KeyboardEvent("keydown", { key, cancelable: true, ...init });
  Object.defineProperty(event, "target", { value: target });
  return keys.press(event);
}

beforeEach(() => {
  localStorage.clear();
  document.body.innerHTML = "";
  keys = new Keys();
});

test("a key does what it is tied to", () => {
  const action = vi.fn();
  keys.on("j", action);
  expect(press("j")).toBe(true);
  expect(press("J")).toBe(false);
  expect(action).toHaveBeenCalledOnce();
});

test("modified keys belong to the browser", () => {
  keys.on("j", vi.fn());
  expect(press("j", { ctrlKey: true })).toBe(false);
  expect(press("j", { metaKey: true })).toBe(false);
});

test("a sequence wins over its last key", () => {
  const dashboard = vi.fn();
  const paused = vi.fn();
  keys.on("g d", dashboard);
  keys.on("d", paused);
  press("g");
  press("d");
  expect(dashboard).toHaveBeenCalledOnce();
  expect(paused).not.toHaveBeenCalled();
  press("d");
  expect(paused).toHaveBeenCalledOnce();
});

test("keys rest while somebody types", () => {
  keys.on("p", vi.fn());
  const field = document.createElement("textarea");
  expect(press("p", {}, field)).toBe(false);
  expect(isTyping(field)).toBe(true);
  const box = document.createElement("input");
  box.type = "checkbox";
  expect(isTyping(box)).toBe(false);
});

test("keys rest while a dialog is open", () => {
  keys.on("p", vi.fn());
  document.body.innerHTML = "<dialog open></dialog>";
  expect(press("p")).toBe(false);
});

test("keys can be switched off for good", () => {
  keys.on("p", vi.fn());
  keys.enabled = false;
  expect(press("p")).toBe(false);
  expect(new Keys().enabled).toBe(false);
  keys.enabled = true;
  expect(press("p")).toBe(true);
});
