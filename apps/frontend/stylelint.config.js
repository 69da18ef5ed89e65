export default {
  extends: ["stylelint-config-standard"],
  customSyntax: "postcss-scss",
  rules: {
    "at-rule-no-unknown": [true, { ignoreAtRules: ["use", "include", "mixin", "each", "forward"] }],
    "at-rule-prelude-no-invalid": null,
    "color-no-hex": null,
    "import-notation": null,
    "no-descending-specificity": null,
    "no-invalid-position-at-import-rule": null,
  },
  overrides: [
    {
      // colours come from tokens, so that every theme has them
      files: ["src/style/*.scss"],
      rules: { "color-no-hex": true, "color-named": "never" },
    },
    {
      files: ["src/style/_tokens.scss", "src/style/_tones.scss"],
      rules: { "color-no-hex": null },
    },
  ],
};
