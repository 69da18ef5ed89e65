// Buttons that copy the text of another element.

/** Shows the buttons; where a browser has no clipboard, the text can still be selected. */
export function startCopy(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-copy]")) {
    const text = document.getElementById(button.dataset.copy ?? "");
    if (!text || !navigator.clipboard) {
      continue;
    }
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(text.textContent ?? "");
      button.textContent = button.dataset.done ?? "";
    });
  }
}
