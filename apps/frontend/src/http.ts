// Requests of scripts to our own server.

/** Why a request brought nothing. */
export type Trouble = "offline" | "expired" | "refused";

/** A request that brought nothing. */
export class HttpError extends Error {
  readonly trouble: Trouble;

  constructor(trouble: Trouble, detail = "") {
    super(detail);
    this.name = "HttpError";
    this.trouble = trouble;
  }
}

/** Fetches a fragment of HTML. */
export async function getHtml(url: string, signal?: AbortSignal): Promise<string> {
  const response = await request(url, { headers: { Accept: "text/html" }, signal: signal ?? null });
  return response.text();
}

/** Sends data and reads the answer. */
export async function postJson<Answer>(url: string, body: unknown): Promise<Answer> {
  const response = await request(url, {
    method: "POST",
    headers: {
      Accept: "application/json",
      "Content-Type": "application/json",
      "X-CSRFToken": csrfToken(),
    },
    body: JSON.stringify(body),
    keepalive: true,
  });
  return (await response.json()) as Answer;
}

function csrfToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

async function request(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { credentials: "same-origin", redirect: "manual", ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") {
      throw error;
    }
    throw new HttpError("offline");
  }
  // whoever is not logged in is sent to the log-in page
  if (response.type === "opaqueredirect" || response.status === 401) {
    throw new HttpError("expired");
  }
  if (response.status >= 500) {
    throw new HttpError("offline", await detailOf(response));
  }
  if (!response.ok) {
    throw new HttpError("refused", await detailOf(response));
  }
  return response;
}

async function detailOf(response: Response): Promise<string> {
  if (!response.headers.get("Content-Type")?.includes("json")) {
    return "";
  }
  try {
    const body: unknown = await response.json();
    const detail = (body as { detail?: unknown } | null)?.detail;
    return typeof detail === "string" ? detail : "";
  } catch {
    return "";
  }
}
