// Single keys and sequences of keys. They rest while somebody types, while a dialog or a menu is
// open, and altogether when switched off.

type Action = (event: KeyboardEvent) => void;

const remembered = "kiwi-single-keys";
const patience = 1000;

/** A table of keys and what they do. A sequence is written with a blank: `g d`. */
export class Keys {
  readonly #actions = new Map<string, Action>();
  #first = "";
  #since = 0;

  /** Whether single keys do anything; remembered by the browser. */
  get enabled(): boolean {
    return localStorage.getItem(remembered) !== "off";
  }

  set enabled(on: boolean) {
    localStorage.setItem(remembered, on ? "on" : "off");
  }

  /** Ties an action to a key such as `j`, `N`, `?`, or to a sequence such as `g d`. */
  on(key: string, action: Action): void {
    this.#actions.set(key, action);
  }

  /** Does what the key means; answers whether it means anything. */
  press(event: KeyboardEvent): boolean {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) {
      return false;
    }
    if (!this.enabled || isTyping(event.target) || isCovered()) {
      return false;
    }
    const fresh = event.timeStamp - this.#since < patience;
    const sequence = fresh && this.#first ? this.#actions.get(`${this.#first} ${event.key}`) : null;
    this.#first = "";
    const action = sequence ?? this.#actions.get(event.key);
    if (action) {
      event.preventDefault();
      action(event);
      return true;
    }
    if ([...this.#actions.keys()].some((known) => known.startsWith(`${event.key} `))) {
      this.#first = event.key;
      this.#since = event.timeStamp;
    }
    return false;
  }
}

/** Whether keys are meant for a field. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) {
    return false;
  }
  if (target instanceof HTMLInputElement) {
    return !["button", "checkbox", "radio", "submit", "reset"].includes(target.type);
  }
  return (
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    target.isContentEditable
  );
}

/** Whether a dialog or a menu has the keyboard. */
function isCovered(): boolean {
  return document.querySelector("dialog[open], [popover].open") !== null;
}

/** The keys of this page. */
export const keys = new Keys();

/** Begins to listen, with the keys that every page has. */
export function startKeys(): void {
  window.addEventListener("keydown", (event) => keys.press(event));
  if (document.querySelector("#logout_form")) {
    keys.on("g d", () => location.assign("/"));
  }
}
