// The reference of the API: finds methods without asking the server, and shows where one is.

import { keys } from "./keys";

/** Whether every word of a question occurs in a text. */
export function matches(question: string, text: string): boolean {
  const words = question.toLowerCase().split(/\s+/);
  const lower = text.toLowerCase();
  return words.every((word) => lower.includes(word));
}

/** Shows the methods that fit a question, and answers how many there are. */
export function showMatching(root: ParentNode, question: string): number {
  const found = new Set<string>();
  for (const item of root.querySelectorAll<HTMLElement>("li[data-method]")) {
    const name = item.dataset.method ?? "";
    if (matches(question, `${name} ${item.dataset.words ?? ""}`)) {
      found.add(name);
    }
  }
  for (const part of root.querySelectorAll<HTMLElement>("[data-method]")) {
    part.hidden = !found.has(part.dataset.method ?? "");
  }
  for (const group of root.querySelectorAll<HTMLElement>("[data-class]")) {
    group.hidden = !group.querySelector("[data-method]:not([hidden])");
  }
  const nothing = root.querySelector<HTMLElement>("[data-nothing]");
  if (nothing) {
    nothing.hidden = found.size > 0;
  }
  return found.size;
}

/** Marks the method that is being read in the list beside it. */
function followReading(root: HTMLElement): void {
  const links = new Map<string, HTMLAnchorElement>();
  for (const link of root.querySelectorAll<HTMLAnchorElement>("li[data-method] a")) {
    links.set(link.hash.slice(1), link);
  }
  let current: HTMLAnchorElement | undefined;
  const watcher = new IntersectionObserver(
    (entries) => {
      const entry = entries.find((found) => found.isIntersecting);
      const link = entry && links.get(entry.target.id);
      if (!link || link === current) {
        return;
      }
      current?.removeAttribute("aria-current");
      link.setAttribute("aria-current", "true");
      const side = link.closest<HTMLElement>(".reference-side");
      const place = link.getBoundingClientRect();
      if (side && (place.top < 120 || place.bottom > window.innerHeight)) {
        side.scrollTop += place.top - window.innerHeight / 2;
      }
      current = link;
    },
    { rootMargin: "-15% 0px -75% 0px" },
  );
  for (const method of root.querySelectorAll("article[data-method]")) {
    watcher.observe(method);
  }
}

/** Brings the page to life. */
export function startReference(root: HTMLElement): void {
  const search = root.querySelector<HTMLInputElement>("#reference-search");
  if (search) {
    search.addEventListener("input", () => showMatching(root, search.value));
    keys.on("/", () => search.focus());
  }
  followReading(root);
}
