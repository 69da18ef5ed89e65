// Short notices at the edge of the window.

/** What somebody can do about a notice. */
export interface ToastAction {
  label: string;
  run: () => void;
}

const stay = 10_000;

/** Shows a notice; bad ones stay until they are put away. */
export function toast(
  text: string,
  options: { bad?: boolean; actions?: ToastAction[] } = {},
): void {
  const region = document.getElementById("toasts");
  if (!region) {
    return;
  }
  const box = document.createElement("div");
  box.className = options.bad ? "toast toast-bad" : "toast";
  const words = document.createElement("span");
  words.textContent = text;
  box.append(words);
  for (const action of options.actions ?? []) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-small";
    button.textContent = action.label;
    button.addEventListener("click", () => {
      box.remove();
      action.run();
    });
    box.append(button);
  }
  // one harmless notice at a time
  if (!options.bad) {
    for (const old of region.querySelectorAll(".toast:not(.toast-bad)")) {
      old.remove();
    }
    setTimeout(() => box.remove(), stay);
  }
  region.append(box);
}
