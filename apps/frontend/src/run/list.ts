// The list of executions: which one is chosen, which comes next, what a row shows.

/** A status as the menu of the page describes it. */
export interface Status {
  id: number;
  name: string;
  tone: string;
  glyph: string;
  sign: string;
  digit: string;
  letter: string;
}

/** Reads the statuses from the menu. */
export function readStatuses(menu: ParentNode): Map<number, Status> {
  const statuses = new Map<number, Status>();
  for (const item of menu.querySelectorAll<HTMLElement>("[data-status]")) {
    const data = item.dataset;
    const id = Number(data.status);
    statuses.set(id, {
      id,
      name: data.name ?? "",
      tone: data.tone ?? "",
      glyph: data.glyph ?? "",
      sign: data.sign ?? "",
      digit: data.digit ?? "",
      letter: data.letter ?? "",
    });
  }
  return statuses;
}

/** The rows of the page in their order. */
export class List {
  readonly #body: HTMLElement;
  readonly #statuses: Map<number, Status>;

  constructor(body: HTMLElement, statuses: Map<number, Status>) {
    this.#body = body;
    this.#statuses = statuses;
  }

  /** Number of rows. */
  get length(): number {
    return this.#body.childElementCount;
  }

  /** The chosen row. */
  get current(): HTMLElement | null {
    return this.#body.querySelector<HTMLElement>('tr[aria-current="true"]');
  }

  /** The row of an execution. */
  row(id: number): HTMLElement | null {
    return this.#body.querySelector<HTMLElement>(`#test-execution-${id}`);
  }

  /** Id of the execution of a row. */
  static id(row: HTMLElement): number {
    return Number(row.dataset.id);
  }

  /** Place of a row, counted from one. */
  position(row: HTMLElement): number {
    return [...this.#body.children].indexOf(row) + 1;
  }

  /** Title of the case of a row. */
  static summary(row: HTMLElement): string {
    return row.querySelector("th")?.textContent?.trim() ?? "";
  }

  /** The status of a row. */
  status(row: HTMLElement): Status | undefined {
    return this.#statuses.get(Number(row.dataset.status));
  }

  /** Whether a row still waits for a result. */
  unfinished(row: HTMLElement): boolean {
    return (this.status(row)?.sign ?? "neutral") === "neutral";
  }

  /** Chooses a row. */
  choose(row: HTMLElement): void {
    this.current?.setAttribute("aria-current", "false");
    row.setAttribute("aria-current", "true");
  }

  /** The row before or after another one; none beyond the ends. */
  beside(row: HTMLElement | null, step: 1 | -1): HTMLElement | null {
    if (!row) {
      return (
        step === 1 ? this.#body.firstElementChild : this.#body.lastElementChild
      ) as HTMLElement | null;
    }
    return (step === 1 ? row.nextElementSibling : row.previousElementSibling) as HTMLElement | null;
  }

  /** The nearest unfinished row in a direction, going on at the other end. */
  unfinishedBeside(row: HTMLElement | null, step: 1 | -1): HTMLElement | null {
    let candidate = this.beside(row, step);
    const length = this.length;
    for (let seen = 0; seen <= length; seen += 1) {
      candidate ??= this.beside(null, step);
      if (!candidate || candidate === row) {
        return null;
      }
      if (this.unfinished(candidate)) {
        return candidate;
      }
      candidate = this.beside(candidate, step);
    }
    return null;
  }

  /** Shows a status at once, before the server has confirmed it. */
  show(row: HTMLElement, status: Status): void {
    row.dataset.status = String(status.id);
    row.classList.add("saving");
    row.classList.remove("unsaved");
    const button = row.querySelector<HTMLElement>(".status");
    if (button) {
      button.className = `status tone-${status.tone} glyph-${status.glyph}`;
      button.textContent = status.name;
    }
  }

  /** Puts rows as the server wrote them in place of the old ones. */
  replace(html: string): void {
    const holder = document.createElement("template");
    // rows need a table around them, else the parser drops them
    holder.innerHTML = `<table><tbody>${html}</tbody></table>`;
    for (const fresh of holder.content.querySelectorAll<HTMLElement>("tr[data-id]")) {
      const old = this.row(List.id(fresh));
      if (!old) {
        continue;
      }
      const focused = old.contains(document.activeElement);
      fresh.setAttribute("aria-current", old.getAttribute("aria-current") ?? "false");
      old.replaceWith(fresh);
      if (focused) {
        this.focus(fresh);
      }
    }
  }

  /** Gives a row the keyboard. */
  focus(row: HTMLElement): void {
    row.querySelector<HTMLElement>("th button")?.focus({ preventScroll: true });
  }
}
