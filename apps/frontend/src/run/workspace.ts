// The execution workspace: choose, look, record, go on.

import { HttpError } from "../http";
import { keys } from "../keys";
import { toast } from "../toasts";
import { words } from "../words";
import { List, readStatuses, type Status } from "./list";
import { StatusMenu } from "./menu";
import { Panel } from "./panel";
import { type Answer, Outbox, type Result } from "./results";

const wide = "(width >= 1100px)";

/** Makes `<k-run>` known. */
export function defineRun(): void {
  if (!customElements.get("k-run")) {
    customElements.define("k-run", Workspace);
  }
}

/** Adds keyboard, menus and instant results to the run page the server wrote. */
class Workspace extends HTMLElement {
  #list!: List;
  #statuses = new Map<number, Status>();
  #panel!: Panel;
  #outbox!: Outbox;
  #menu: StatusMenu | null = null;
  /** What `u` takes back, newest last. */
  readonly #undo: { execution: number; status: number }[] = [];

  connectedCallback(): void {
    const body = this.querySelector<HTMLElement>("#executions");
    const menu = document.getElementById("status-menu");
    const pane = this.querySelector<HTMLElement>("#panel");
    if (!body || !menu || !pane) {
      return;
    }
    this.#statuses = readStatuses(menu);
    this.#list = new List(body, this.#statuses);
    this.#panel = new Panel(pane, this, this.#list);
    this.#outbox = new Outbox(this.dataset.results ?? "", {
      saved: (sent, answer) => this.#saved(sent, answer),
      lost: (sent, error) => this.#lost(sent, error),
    });
    this.#menu = new StatusMenu(menu);
    this.#listen(body, pane);
    this.#bindKeys();
    this.#begin();
  }

  get #mayChange(): boolean {
    return this.hasAttribute("data-can-change");
  }

  #listen(body: HTMLElement, pane: HTMLElement): void {
    body.addEventListener("click", (event) => this.#clickRow(event));
    body.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key] as 1 | -1 | undefined;
      if (step) {
        event.preventDefault();
        this.#move(step);
      }
    });
    pane.addEventListener("click", (event) => this.#clickPanel(event));
    pane.addEventListener("submit", (event) => this.#submit(event));
    pane.addEventListener("keydown", (event) => this.#pressInPanel(event));
    const more = this.querySelector<HTMLElement>("[data-continue]");
    more?.addEventListener("click", () => {
      const current = this.#list.current;
      const next =
        current && this.#list.unfinished(current)
          ? current
          : this.#list.unfinishedBeside(current, 1);
      this.#go(next ?? current ?? this.#list.beside(null, 1), { enter: true });
    });
    if (more) {
      more.hidden = this.#list.length === 0;
    }
    window.addEventListener("popstate", () => {
      const id = Number(new URLSearchParams(location.search).get("focus"));
      document.body.classList.toggle("workspace-focus", id > 0);
      const row = id > 0 ? this.#list.row(id) : null;
      if (row) {
        this.#go(row, { address: false });
      }
    });
    window.addEventListener("hashchange", () => this.#goToNamed());
    window.addEventListener("beforeunload", (event) => {
      if (!this.#outbox.idle) {
        event.preventDefault();
      }
    });
  }

  #bindKeys(): void {
    keys.on("j", () => this.#move(1));
    keys.on("k", () => this.#move(-1));
    keys.on("n", () => this.#go(this.#list.unfinishedBeside(this.#list.current, 1)));
    keys.on("N", () => this.#go(this.#list.unfinishedBeside(this.#list.current, -1)));
    keys.on("c", () => {
      const row = this.#list.current;
      if (row) {
        this.#panel.write(List.id(row));
      }
    });
    keys.on("v", () => document.body.classList.toggle("workspace-single"));
    keys.on("u", () => this.#takeBack());
    window.addEventListener("keydown", (event) => {
      const undo = event.key === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
      if (undo && !(event.target instanceof HTMLTextAreaElement)) {
        event.preventDefault();
        this.#takeBack();
      }
    });
    if (!this.#mayChange) {
      return;
    }
    for (const status of this.#statuses.values()) {
      for (const key of [status.digit, status.letter].filter(Boolean)) {
        keys.on(key, () => this.#record(status));
      }
    }
  }

  /** Chooses what the address names, else the first unfinished execution. */
  #begin(): void {
    if (this.#goToNamed()) {
      return;
    }
    const row = this.#list.current;
    if (row) {
      row.scrollIntoView({ block: "nearest" });
      this.#panel.follow(row);
    } else if (matchMedia(wide).matches) {
      const first = this.#list.unfinishedBeside(null, 1) ?? this.#list.beside(null, 1);
      this.#go(first, { keepFocus: true, address: false });
    }
  }

  /** Follows an address such as `/runs/9/#test-execution-7`. */
  #goToNamed(): boolean {
    const named = /^#test-execution-(\d+)$/.exec(location.hash)?.[1];
    const row = named ? this.#list.row(Number(named)) : null;
    this.#go(row, { enter: true });
    return row !== null;
  }

  #clickRow(event: MouseEvent): void {
    const target = event.target as Element;
    const row = target.closest<HTMLElement>("tr");
    if (!row || event.ctrlKey || event.metaKey) {
      return;
    }
    event.preventDefault();
    const button = target.closest<HTMLElement>(".status");
    if (button && this.#mayChange) {
      const now = Number(row.dataset.status);
      this.#menu?.open(button, now, (id) => {
        const status = this.#statuses.get(id);
        const same = this.#list.row(List.id(row));
        if (status && same) {
          this.#set(same, status);
        }
      });
    } else {
      this.#go(row, { enter: true });
    }
  }

  #clickPanel(event: MouseEvent): void {
    const target = event.target as Element;
    const go = target.closest<HTMLElement>("[data-go]");
    if (go) {
      event.preventDefault();
      this.#move(go.dataset.go === "next" ? 1 : -1);
    } else if (target.closest("[data-panel-back]")) {
      event.preventDefault();
      this.#leave();
    } else if (target.closest("[data-retry]")) {
      this.#go(this.#list.current);
    }
  }

  #pressInPanel(event: KeyboardEvent): void {
    if (!(event.target instanceof HTMLTextAreaElement)) {
      return;
    }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.#saveComment(true);
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.#focusCurrent();
    }
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    const button = event.submitter;
    const status =
      button instanceof HTMLButtonElement && button.name === "status"
        ? this.#statuses.get(Number(button.value))
        : undefined;
    if (status) {
      this.#record(status);
    } else {
      this.#saveComment(false);
    }
  }

  /** The result of the chosen execution, with what stands in the comment box; then the next one. */
  #record(status: Status): void {
    const row = this.#list.current;
    if (!row || !this.#mayChange) {
      return;
    }
    const comment = this.#panel.takeComment(List.id(row));
    this.#set(row, status, comment);
    this.#goOn(row, status);
  }

  #set(row: HTMLElement, status: Status, comment = ""): void {
    const execution = List.id(row);
    const before = this.#list.status(row);
    if (before) {
      this.#undo.push({ execution, status: before.id });
    }
    this.#list.show(row, status);
    this.#send(execution, { status: status.id, ...(comment ? { comment } : {}) });
    if (row === this.#list.current && this.#panel.shown === execution) {
      this.#panel.mark(status);
    }
  }

  #goOn(row: HTMLElement, status: Status): void {
    const done = words(this, "result", { execution: nameOf(row), status: status.name });
    const next = this.#list.unfinishedBeside(row, 1);
    if (next) {
      this.#go(next);
      this.#say(`${done} ${this.#describe(next)}`);
    } else {
      this.#focusCurrent();
      this.#say(`${done} ${words(this, "all-done")}`);
    }
  }

  #saveComment(goOn: boolean): void {
    const row = this.#list.current;
    const comment = row ? this.#panel.takeComment(List.id(row)) : "";
    if (!row || !comment) {
      return;
    }
    this.#send(List.id(row), { comment });
    const said = words(this, "commented", { execution: nameOf(row) });
    const next = goOn ? this.#list.unfinishedBeside(row, 1) : null;
    if (next) {
      this.#go(next);
      this.#say(`${said} ${this.#describe(next)}`);
    } else {
      this.#say(said);
    }
  }

  #takeBack(): void {
    const last = this.#undo.pop();
    const status = last ? this.#statuses.get(last.status) : undefined;
    const row = last ? this.#list.row(last.execution) : null;
    if (!status || !row) {
      this.#say(words(this, "nothing-to-undo"));
      return;
    }
    this.#list.show(row, status);
    this.#send(List.id(row), { status: status.id });
    this.#go(row);
    this.#say(words(this, "undone", { execution: nameOf(row), status: status.name }));
  }

  #send(execution: number, change: { status?: number; comment?: string }): void {
    this.#panel.forget(execution);
    this.#outbox.add({ execution, ...change });
  }

  #saved(sent: Result[], answer: Answer): void {
    this.#list.replace(answer.rows.map((row) => row.html).join(""));
    const holder = document.createElement("template");
    holder.innerHTML = answer.progress;
    const fresh = holder.content.querySelector("#run-progress");
    const old = this.querySelector("#run-progress");
    if (fresh && old) {
      for (const chosen of old.querySelectorAll<HTMLElement>("[aria-current] [id]")) {
        fresh.querySelector(`#${chosen.id}`)?.parentElement?.setAttribute("aria-current", "true");
      }
      old.replaceWith(fresh);
    }
    this.#refresh(sent);
  }

  #lost(sent: Result[], error: unknown): void {
    const expired = error instanceof HttpError && error.trouble === "expired";
    const detail = error instanceof HttpError ? error.message : "";
    const reason = detail || words(this, expired ? "expired" : "offline");
    for (const execution of new Set(sent.map((result) => result.execution))) {
      this.#reportFailure(
        execution,
        reason,
        sent.filter((result) => result.execution === execution),
      );
    }
  }

  #reportFailure(execution: number, reason: string, results: Result[]): void {
    const row = this.#list.row(execution);
    row?.classList.remove("saving");
    row?.classList.add("unsaved");
    const name = row ? nameOf(row) : String(execution);
    toast(words(this, "failed", { execution: name, reason }), {
      bad: true,
      actions: [
        { label: words(this, "retry"), run: () => this.#outbox.again(results) },
        { label: words(this, "dismiss"), run: () => undefined },
      ],
    });
  }

  /** Loads the shown panel again when something it shows was saved. */
  #refresh(sent: Result[]): void {
    const row = this.#list.current;
    const shown = this.#panel.shown;
    const changed = sent.some((result) => result.execution === shown);
    if (row && changed && List.id(row) === shown) {
      this.#panel.forget(shown);
      void this.#show(row);
    }
  }

  #move(step: 1 | -1): void {
    this.#go(this.#list.beside(this.#list.current, step));
  }

  /** Chooses a row and shows its panel. */
  #go(row: HTMLElement | null, { enter = false, keepFocus = false, address = true } = {}): void {
    if (!row) {
      return;
    }
    this.#list.choose(row);
    row.scrollIntoView({ block: "nearest" });
    const narrow = !matchMedia(wide).matches;
    const entering = enter && narrow && !document.body.classList.contains("workspace-focus");
    if (entering) {
      document.body.classList.add("workspace-focus");
    }
    if (address) {
      const url = new URL(location.href);
      url.hash = "";
      url.searchParams.set("focus", String(List.id(row)));
      history[entering ? "pushState" : "replaceState"](null, "", url);
    }
    if (!keepFocus) {
      this.#focusCurrent();
    }
    void this.#show(row);
  }

  #leave(): void {
    document.body.classList.remove("workspace-focus", "workspace-single");
    const url = new URL(location.href);
    url.searchParams.delete("focus");
    history.replaceState(null, "", url);
    this.#focusCurrent();
    this.#list.current?.scrollIntoView({ block: "center" });
  }

  #focusCurrent(): void {
    const row = this.#list.current;
    if (row?.checkVisibility()) {
      this.#list.focus(row);
    } else {
      this.#panel.element.focus({ preventScroll: true });
    }
  }

  async #show(row: HTMLElement): Promise<void> {
    const idle = document.activeElement === document.body;
    if (!(await this.#panel.show(row))) {
      return;
    }
    if (document.body.classList.contains("workspace-focus")) {
      window.scrollTo(0, 0);
    }
    // what had the keyboard may have been replaced
    if (!idle && document.activeElement === document.body) {
      this.#focusCurrent();
    }
  }

  #describe(row: HTMLElement): string {
    return words(this, "next", {
      execution: nameOf(row),
      position: this.#list.position(row),
      total: this.#list.length,
      summary: List.summary(row),
    });
  }

  #say(text: string): void {
    const announcer = this.querySelector("[data-announcer]");
    if (announcer) {
      announcer.textContent = text;
    }
  }
}

/** How people call the execution of a row. */
function nameOf(row: HTMLElement): string {
  return row.querySelector(".ids")?.textContent?.split("/")[1] ?? `TE-${List.id(row)}`;
}
