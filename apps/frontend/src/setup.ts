// The first set-up: shows what the server tells while it creates the tables.

import { words } from "./words";

/** Marks the end of a set-up that went well. */
const marker = "Complete!";

/** The state of the work after the lines that have arrived so far. */
export function progressOf(log: string): { steps: number; done: boolean; failed: boolean } {
  const lines = log.split("\n").map((line) => line.replace(/^\S+ init-db: /, ""));
  return {
    steps: lines.filter((line) => line.endsWith("... OK")).length,
    done: lines.includes(marker),
    failed: lines.some((line) => line.startsWith("Error: ")),
  };
}

/** Makes the form send itself and show the progress; without script the answer is plain text. */
export function startSetup(form: HTMLFormElement): void {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void run(form);
  });
}

async function run(form: HTMLFormElement): Promise<void> {
  const button = form.querySelector("button");
  const progress = document.querySelector<HTMLElement>("#setup-progress");
  const bar = progress?.querySelector("progress");
  const log = progress?.querySelector("pre");
  if (!button || !progress || !bar || !log) {
    return;
  }
  const label = button.textContent;
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form, button)) {
    fields.append(name, String(value));
  }
  button.disabled = true;
  button.textContent = words(form, "running");
  tell(form, "");
  try {
    const response = await fetch(form.action, { method: "POST", body: fields });
    if (response.redirected) {
      // somebody else has done it
      location.assign(response.url);
      return;
    }
    if (!response.headers.get("Content-Type")?.startsWith("text/plain") || !response.body) {
      tell(form, await complaint(response));
      button.disabled = false;
      button.textContent = label;
      return;
    }
    progress.hidden = false;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      log.append(piece.value);
      log.scrollTop = log.scrollHeight;
      bar.value = progressOf(log.textContent).steps;
    }
  } catch {
    tell(form, words(form, "lost"));
  }
  const { done, failed } = progressOf(log.textContent);
  if (done) {
    bar.value = bar.max;
    form.hidden = true;
    const next = document.querySelector<HTMLElement>("#setup-next");
    if (next) {
      next.hidden = false;
      next.querySelector("h2")?.focus();
    }
  } else {
    button.hidden = true;
    if (failed) {
      tell(form, /Error: (.*)/.exec(log.textContent)?.[1] ?? "");
    } else {
      tell(form, words(form, "lost"));
    }
  }
}

/** What a page says instead of doing it. */
async function complaint(response: Response): Promise<string> {
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const place = page.querySelector("#setup-errors p") ?? page.querySelector("h1");
  return place?.textContent ?? "";
}

function tell(form: HTMLFormElement, text: string): void {
  const place = form.querySelector<HTMLElement>("#setup-errors");
  const sentence = place?.querySelector("p");
  if (place && sentence) {
    sentence.textContent = text;
    place.hidden = text === "";
  }
}
