// The script of every page. Pages work without it; it adds comfort.

import "@github/relative-time-element";
import { startClock } from "./clock";
import { startCopy } from "./copy";
import { showLocalTimes } from "./dates";
import { startDialogs } from "./dialogs";
import { startFolds } from "./folds";
import { startKeys } from "./keys";
import { startPassword } from "./password";
import { startTheme } from "./theme";

for (const element of document.querySelectorAll<HTMLElement>("[data-needs-script]")) {
  element.hidden = false;
}
startTheme();
startClock();
startKeys();
startDialogs();
startPassword();
startFolds();
startCopy();
showLocalTimes(document);

if (document.querySelector("k-run")) {
  const { defineRun } = await import("./run/workspace");
  defineRun();
}

const setup = document.querySelector<HTMLFormElement>("[data-setup]");
if (setup) {
  const { startSetup } = await import("./setup");
  startSetup(setup);
}

const reference = document.querySelector<HTMLElement>("[data-reference]");
if (reference) {
  const { startReference } = await import("./reference");
  startReference(reference);
}
