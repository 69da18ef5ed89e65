// Light, dark or the system's colours, kept in a cookie that the server reads.

const year = 365 * 24 * 60 * 60;

/** Applies a choice at once and remembers it. */
export function chooseTheme(theme: string): void {
  const root = document.documentElement;
  const chosen = theme === "light" || theme === "dark";
  if (chosen) {
    root.dataset.bsTheme = theme;
  } else {
    delete root.dataset.bsTheme;
  }
  const secure = location.protocol === "https:" ? "; Secure" : "";
  // biome-ignore lint/suspicious/noDocumentCookie: the cookie store is not available everywhere
  document.cookie = `theme=${chosen ? theme : "system"}; Path=/; Max-Age=${year}; SameSite=Lax${secure}`;
}

/** Shows the choice and listens to it. */
export function startTheme(): void {
  for (const choice of document.querySelectorAll<HTMLElement>("[data-theme-choice]")) {
    choice.hidden = false;
    choice.addEventListener("change", (event) => {
      if (event.target instanceof HTMLInputElement) {
        chooseTheme(event.target.value);
      }
    });
  }
}
