// Panels of executions, fetched ahead so that the next one is there at once.

import { getHtml } from "../http";

const kept = 30;

/** A small store of fragments. */
export class Panels {
  readonly #pattern: string;
  readonly #fetch: (url: string) => Promise<string>;
  readonly #store = new Map<number, Promise<string>>();

  /** `pattern` is the address of a panel with `/0/` in place of the id. */
  constructor(pattern: string, fetch: (url: string) => Promise<string> = getHtml) {
    this.#pattern = pattern;
    this.#fetch = fetch;
  }

  /** The panel of an execution. */
  get(id: number): Promise<string> {
    const known = this.#store.get(id);
    if (known) {
      return known;
    }
    const panel = this.#fetch(this.#pattern.replace("/0/", `/${id}/`));
    this.#store.set(id, panel);
    panel.catch(() => this.forget(id));
    if (this.#store.size > kept) {
      const oldest = this.#store.keys().next().value;
      if (oldest !== undefined) {
        this.#store.delete(oldest);
      }
    }
    return panel;
  }

  /** Fetches panels that will be needed soon; failures show when they are needed. */
  prepare(ids: number[]): void {
    for (const id of ids) {
      this.get(id).catch(() => undefined);
    }
  }

  /** Drops a panel that is no longer true. */
  forget(id: number): void {
    this.#store.delete(id);
  }
}
