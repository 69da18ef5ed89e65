// The menu that sets the status of a row.

/** One menu for all rows; it stands below the button it was opened from. */
export class StatusMenu {
  readonly #element: HTMLElement;
  readonly #items: HTMLElement[];
  #opener: HTMLElement | null = null;
  #choose: (status: number) => void = () => undefined;

  constructor(element: HTMLElement) {
    this.#element = element;
    this.#items = [...element.querySelectorAll<HTMLElement>("[role=menuitemradio]")];
    element.addEventListener("click", (event) => {
      const item = (event.target as Element).closest<HTMLElement>("[data-status]");
      if (item) {
        this.#take(item);
      }
    });
    element.addEventListener("keydown", (event) => this.#press(event));
    element.addEventListener("toggle", (event) => {
      element.classList.toggle("open", (event as ToggleEvent).newState === "open");
    });
  }

  /** Opens the menu at a button; `choose` gets the id of the chosen status. */
  open(opener: HTMLElement, current: number, choose: (status: number) => void): void {
    this.#opener = opener;
    this.#choose = choose;
    this.#element.showPopover();
    this.#element.classList.add("open");
    const place = opener.getBoundingClientRect();
    const size = this.#element.getBoundingClientRect();
    const below = place.bottom + size.height + 8 <= innerHeight;
    const top = below ? place.bottom + 4 : Math.max(8, place.top - size.height - 4);
    const left = Math.max(8, Math.min(place.left, innerWidth - size.width - 8));
    this.#element.style.top = `${top}px`;
    this.#element.style.left = `${left}px`;
    for (const item of this.#items) {
      item.setAttribute("aria-checked", String(Number(item.dataset.status) === current));
    }
    const checked = this.#items.find((item) => item.getAttribute("aria-checked") === "true");
    (checked ?? this.#items[0])?.focus();
  }

  #take(item: HTMLElement): void {
    this.#element.hidePopover();
    this.#opener?.focus({ preventScroll: true });
    this.#choose(Number(item.dataset.status));
  }

  #press(event: KeyboardEvent): void {
    const here = this.#items.indexOf(document.activeElement as HTMLElement);
    const count = this.#items.length;
    const target = {
      ArrowDown: (here + 1) % count,
      ArrowUp: (here - 1 + count) % count,
      Home: 0,
      End: count - 1,
    }[event.key];
    if (target !== undefined) {
      event.preventDefault();
      this.#items[target]?.focus();
      return;
    }
    const meant = this.#items.find(
      ({ dataset }) => dataset.digit === event.key || dataset.letter === event.key,
    );
    if (meant && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      this.#take(meant);
    } else if (event.key === "Tab" || event.key === "Escape") {
      event.preventDefault();
      this.#element.hidePopover();
      this.#opener?.focus({ preventScroll: true });
    }
  }
}
