// Times are written in UTC by the server and shown in the visitor's own zone.

const language = document.documentElement.lang || undefined;
const exact = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const day = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
const full = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" });

/** Rewrites the times below an element. */
export function showLocalTimes(root: ParentNode): void {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const moment = new Date(time.getAttribute("datetime") ?? "");
    if (!Number.isNaN(moment.getTime())) {
      const format = time.getAttribute("data-format") === "day" ? day : exact;
      time.textContent = format.format(moment);
      time.setAttribute("title", full.format(moment));
    }
  }
}
