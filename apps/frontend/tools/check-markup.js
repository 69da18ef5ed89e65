// Looks for mistakes in the HTML that templates produce.

import { readFileSync } from "node:fs";
import { HtmlValidate } from "html-validate/node";

const validator = new HtmlValidate({
  root: true,
  extends: ["html-validate:recommended"],
  elements: ["html5", { "k-run": { flow: true, permittedContent: ["@flow"] } }],
  rules: {
    "attribute-boolean-style": "off",
    "doctype-style": "off",
    // one form, many buttons with the same name
    "form-dup-name": "off",
    "wcag/h32": "off",
    "attribute-empty-style": "off",
    "long-title": "off",
    "no-trailing-whitespace": "off",
    "void-style": "off",
    // the button of a form submits it, and that is meant
    "no-implicit-button-type": "off",
    // numbers begin with letters, ids of old pages do not follow one style
    "id-pattern": "off",
    "class-pattern": "off",
    // methods of the API are anchors by their own names, with a dot
    "valid-id": ["error", { relaxed: true }],
    // the list is a table whose rows are grids
    "prefer-native-element": "off",
  },
});

/** Answers the problems of a file. */
export async function markupFindings(path) {
  const { results } = await validator.validateString(readFileSync(path, "utf8"), path);
  return results.flatMap(({ messages }) =>
    messages.map(({ line, column, ruleId, message }) => `${line}:${column} ${ruleId}: ${message}`),
  );
}
