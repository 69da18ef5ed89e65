import { afterEach, expect, test, vi } from "vitest";
import { getHtml, postJson } from "../../src/http";

function answerWith(response: Partial<Response> | Error) {
  const fetch = vi.fn((_url: string, _init: RequestInit) =>
    response instanceof Error ? Promise.reject(response) : Promise.resolve(response as Response),
  );
  vi.stubGlobal("fetch", fetch);
  return fetch;
}

afterEach(() => vi.unstubAllGlobals());

test("data goes with the token of the page", async () => {
  document.head.innerHTML = '<meta name="csrf-token" content="abc">';
  const fetch = answerWith(new Response('{"ok":true}', { status: 200 }));
  expect(await postJson("/ui/x/", [1])).toEqual({ ok: true });
  const init = fetch.mock.calls[0]?.[1];
  expect(init?.headers).toMatchObject({ "X-CSRFToken": "abc", "Content-Type": "application/json" });
  expect(init?.body).toBe("[1]");
});

test("troubles are told apart", async () => {
  answerWith(new TypeError("network"));
  await expect(getHtml("/")).rejects.toMatchObject({ trouble: "offline" });
  answerWith({ type: "opaqueredirect", status: 0 } as Response);
  await expect(getHtml("/")).rejects.toMatchObject({ trouble: "expired" });
  answerWith(new Response("", { status: 401 }));
  await expect(getHtml("/")).rejects.toMatchObject({ trouble: "expired" });
  answerWith(new Response("", { status: 503 }));
  await expect(getHtml("/")).rejects.toMatchObject({ trouble: "offline" });
});

test("the server's reason is passed on", async () => {
  const body = JSON.stringify({ title: "No", detail: "not yours" });
  const headers = { "Content-Type": "application/problem+json" };
  answerWith(new Response(body, { status: 403, headers }));
  await expect(getHtml("/")).rejects.toMatchObject({ trouble: "refused", message: "not yours" });
  answerWith(new Response("<html>", { status: 404, headers: { "Content-Type": "text/html" } }));
  await expect(getHtml("/")).rejects.toMatchObject({ trouble: "refused", message: "" });
});
