// Long documents are cut until somebody wants to read them.

const enough = 420;
const worthwhile = 160;

/** Cuts what is much too tall and offers to show the rest; without script all is shown. */
export function startFolds(): void {
  for (const text of document.querySelectorAll<HTMLElement>("[data-fold]")) {
    if (text.scrollHeight < enough + worthwhile) {
      continue;
    }
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button fold-button";
    button.textContent = text.dataset.fold ?? "";
    button.addEventListener("click", () => {
      text.classList.remove("folded");
      button.remove();
    });
    text.classList.add("folded");
    text.after(button);
  }
}
