// The log-in form: show what is typed, warn of Caps Lock.

/** Makes the eye beside a password field work. */
export function startPassword(): void {
  for (const group of document.querySelectorAll<HTMLElement>("[data-password]")) {
    const input = group.querySelector("input");
    const button = group.querySelector("button");
    if (!input || !button) {
      continue;
    }
    button.addEventListener("click", () => {
      const show = input.type === "password";
      input.type = show ? "text" : "password";
      button.setAttribute("aria-pressed", String(show));
      input.focus();
    });
    // a shown password must not be stored as an ordinary field
    input.form?.addEventListener("submit", () => {
      input.type = "password";
    });
    const hint = group.parentElement?.querySelector<HTMLElement>("[data-caps-lock]");
    if (hint) {
      const look = (event: KeyboardEvent) => {
        hint.hidden = !event.getModifierState("CapsLock");
      };
      input.addEventListener("keydown", look);
      input.addEventListener("keyup", look);
    }
  }
}
