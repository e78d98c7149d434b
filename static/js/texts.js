// Words come from the server (data-t-… attributes, translated there); this file only fills their blanks.

/**
 * @param {string | undefined} pattern e.g. "{n} new"
 * @param {Record<string, string | number>} [values]
 */
export const fill = (pattern, values = {}) => (pattern ?? "").replace(/\{(\w+)\}/g, (all, name) => String(values[name] ?? all));

/**
 * A text of the page: <body data-t-not-allowed="…"> is text("notAllowed").
 * @param {string} name @param {Record<string, string | number>} [values]
 */
export const text = (name, values) => fill(document.body.dataset["t" + name[0].toUpperCase() + name.slice(1)], values);

/** @param {number} seconds as 0:44 or 1:12:40 */
export function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes}:${two(whole % 60)}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}

/** Changes a text node only when it differs, so that nothing repaints or is read again for nothing. @param {Element | null | undefined} element @param {string} words */
export function say(element, words) {
  if (element && element.textContent !== words) element.textContent = words;
}
