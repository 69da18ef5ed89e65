// The right half of the page: one execution in full.

import { showLocalTimes } from "../dates";
import { HttpError } from "../http";
import { words } from "../words";
import { List, type Status } from "./list";
import { Panels } from "./panels";

/** Shows executions of the list; what it shows is written by the server. */
export class Panel {
  readonly element: HTMLElement;
  readonly #host: HTMLElement;
  readonly #list: List;
  readonly #store: Panels;
  /** The execution whose comment box shall get the keyboard as soon as it is there. */
  #wanted = 0;

  /** `host` has the sentences and the address of panels. */
  constructor(element: HTMLElement, host: HTMLElement, list: List) {
    this.element = element;
    this.#host = host;
    this.#list = list;
    this.#store = new Panels(host.dataset.panels ?? "");
  }

  /** Id of the execution that is shown now. */
  get shown(): number {
    return Number(this.element.querySelector<HTMLElement>("article")?.dataset.execution);
  }

  /** The comment box. */
  get comment(): HTMLTextAreaElement | null {
    return this.element.querySelector("textarea");
  }

  /** Gives the comment box of an execution the keyboard, now or when it has arrived. */
  write(execution: number): void {
    if (this.shown === execution) {
      this.comment?.focus();
    } else {
      this.#wanted = execution;
    }
  }

  /** Says that what is known of an execution is no longer true. */
  forget(execution: number): void {
    this.#store.forget(execution);
  }

  /** Shows the execution of a row; answers whether it is there and still wanted. */
  async show(row: HTMLElement): Promise<boolean> {
    const id = List.id(row);
    const wanted = () => this.#list.current === this.#list.row(id);
    try {
      const html = await this.#store.get(id);
      if (!wanted()) {
        return false;
      }
      this.#replace(id, html);
    } catch (error) {
      if (wanted()) {
        this.#showTrouble(error);
      }
      return false;
    }
    const now = this.#list.row(id);
    if (now) {
      this.follow(now);
    }
    return true;
  }

  /** Position and arrows follow the list, which may be filtered; what comes next is fetched. */
  follow(row: HTMLElement): void {
    const position = this.element.querySelector("[data-position]");
    if (position) {
      position.textContent = words(this.#host, "position", {
        position: this.#list.position(row),
        total: this.#list.length,
      });
    }
    this.#point("previous", this.#list.beside(row, -1));
    this.#point("next", this.#list.beside(row, 1));
    const ahead = [this.#list.beside(row, 1), this.#list.unfinishedBeside(row, 1)];
    this.#store.prepare([...new Set(ahead.filter((next) => next !== null).map(List.id))]);
  }

  /** Shows a status at once, before the server has confirmed it. */
  mark(status: Status): void {
    for (const button of this.element.querySelectorAll<HTMLButtonElement>(".status-choice")) {
      if (Number(button.value) === status.id) {
        button.setAttribute("aria-pressed", "true");
      } else {
        button.removeAttribute("aria-pressed");
      }
    }
    const now = this.element.querySelector<HTMLElement>(".status-now");
    if (now) {
      now.className = `status-now tone-${status.tone} glyph-${status.glyph}`;
      now.textContent = status.name;
    }
  }

  /** What stands in the comment box, if the box belongs to the execution; empty afterwards. */
  takeComment(execution: number): string {
    const box = this.comment;
    if (!box || this.shown !== execution) {
      return "";
    }
    const comment = box.value.trim();
    box.value = "";
    return comment;
  }

  /** Puts a panel in place; what somebody is writing about the same execution stays. */
  #replace(id: number, html: string): void {
    const same = this.shown === id;
    const old = this.comment;
    const written = same ? (old?.value ?? "") : "";
    const writing = old !== null && old === document.activeElement;
    this.element.innerHTML = html;
    showLocalTimes(this.element);
    const box = this.comment;
    if (box && same) {
      box.value = written;
    }
    if (box && (this.#wanted === id || (same && writing))) {
      box.focus();
    }
    if (!same) {
      this.element.scrollTop = 0;
    }
    this.#wanted = 0;
  }

  #point(name: "previous" | "next", target: HTMLElement | null): void {
    const button = this.element.querySelector<HTMLButtonElement>(`[data-go="${name}"]`);
    if (button) {
      button.disabled = !target;
      button.value = target ? String(List.id(target)) : "";
    }
  }

  #showTrouble(error: unknown): void {
    const expired = error instanceof HttpError && error.trouble === "expired";
    const box = document.createElement("div");
    box.className = "empty";
    const text = document.createElement("p");
    text.textContent = words(this.#host, expired ? "expired" : "panel-failed");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    button.dataset.retry = "";
    button.textContent = words(this.#host, "panel-retry");
    box.append(text, button);
    this.element.replaceChildren(box);
  }
}
