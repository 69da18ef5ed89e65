// The server's clock goes on ticking.

/** Hours and minutes in a time zone; undefined when the browser does not know the zone. */
export function timeIn(zone: string, moment: Date): string | undefined {
  try {
    return new Intl.DateTimeFormat("en-GB", {
      hour: "numeric",
      minute: "2-digit",
      timeZone: zone,
    }).format(moment);
  } catch {
    return undefined;
  }
}

/** Moves the clock of the bar, independent of whether the visitor's own clock is right. */
export function startClock(): void {
  const clock = document.querySelector<HTMLElement>("#clock");
  const text = clock?.querySelector("span");
  const server = Date.parse(clock?.dataset.now ?? "");
  if (!clock || !text || Number.isNaN(server)) {
    return;
  }
  const begin = performance.now();
  const zone = clock.dataset.timeZone ?? "UTC";
  const tick = () => {
    const now = new Date(server + performance.now() - begin);
    text.textContent = timeIn(zone, now) ?? text.textContent;
    clock.title = `${now.toISOString().replace("T", " ").slice(0, 19)} UTC`;
    setTimeout(tick, 60_000 - (now.getTime() % 60_000));
  };
  tick();
}
