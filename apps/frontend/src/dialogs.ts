// Native dialogs, and notices that can be put away.

import { keys } from "./keys";

/** Opens the dialog with this id. */
export function openDialog(id: string): void {
  const dialog = document.getElementById(id);
  if (dialog instanceof HTMLDialogElement && !dialog.open) {
    dialog.showModal();
  }
}

/** Makes buttons with `data-open` and `data-dismiss` work. */
export function startDialogs(): void {
  for (const button of document.querySelectorAll<HTMLElement>("[data-open]")) {
    const id = button.dataset.open ?? "";
    if (document.getElementById(id)) {
      button.hidden = false;
      button.addEventListener("click", () => openDialog(id));
    }
  }
  for (const button of document.querySelectorAll<HTMLElement>("[data-dismiss]")) {
    button.hidden = false;
    button.addEventListener("click", () => button.closest(".message")?.remove());
  }
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("click", (event) => {
      // a click on the dialog itself, not on something in it, is one on the backdrop
      if (event.target === dialog) {
        dialog.close();
      }
    });
  }
  for (const details of document.querySelectorAll<HTMLDetailsElement>("details[data-dropdown]")) {
    startDropdown(details);
  }
  const help = document.getElementById("shortcuts");
  if (help) {
    keys.on("?", () => openDialog("shortcuts"));
  }
  const single = document.querySelector<HTMLInputElement>("[data-single-keys]");
  if (single) {
    single.checked = keys.enabled;
    single.addEventListener("change", () => {
      keys.enabled = single.checked;
    });
  }
}

/** Closes an open box on Escape and on a click elsewhere. */
function startDropdown(details: HTMLDetailsElement): void {
  document.addEventListener("click", (event) => {
    if (!details.contains(event.target as Node)) {
      details.open = false;
    }
  });
  details.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && details.open) {
      details.open = false;
      details.querySelector("summary")?.focus();
    }
  });
}
