// Sentences for scripts stand in data attributes, written by the server in the visitor's language.

/** The sentence `data-word-<name>` of an element, with `{places}` filled. */
export function words(
  element: HTMLElement,
  name: string,
  values: Record<string, string | number> = {},
): string {
  const sentence = element.getAttribute(`data-word-${name}`) ?? "";
  return sentence.replace(/\{(\w+)\}/g, (place, key: string) => String(values[key] ?? place));
}
