// Keys press what is on the page: any element with data-key="p", "g w", "Shift+Escape"; data-item-key="Delete" counts only in
// the selected item of a list, so that no key ever acts on a row nobody chose. Letters work only outside text fields, never while an input method composes, and not at all when the person has turned them off.
import { move, moveRow, selected } from "./select.js";

const TYPED = "textarea, select, [contenteditable=true], input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=range])";
const PRESSED = "a[href], button, summary, [role=button], [role=tab]";
const SEQUENCE = 1200; // ms between g and its letter
let first = { key: "", at: 0 };

/** @param {KeyboardEvent} event */
function nameOf(event) {
  const key = event.key === " " ? "Space" : event.key;
  const shift = event.shiftKey && key.length > 1 ? "Shift+" : "";
  return (event.ctrlKey || event.metaKey ? "Ctrl+" : "") + (event.altKey ? "Alt+" : "") + shift + key;
}

/** The selected item's own button first, then the page's. @param {string} name @returns {HTMLElement | undefined} */
function find(name) {
  const key = `="${CSS.escape(name)}"]`;
  const scope = (name !== "Shift+Escape" && document.querySelector("dialog[open]")) || document; // silence works from anywhere
  const all = [...(selected()?.querySelectorAll(`[data-item-key${key}`) ?? []), ...scope.querySelectorAll(`[data-key${key}`)];
  return /** @type {HTMLElement[]} */ (all).find((element) => element.checkVisibility() || element.closest("details"));
}

/** @param {HTMLElement} element */
function act(element) {
  if (element.matches("input, textarea, select, [data-list]")) element.focus();
  else element.click();
}

/** @param {KeyboardEvent} event @returns {boolean} whether the key meant something */
function press(event) {
  const name = nameOf(event);
  const typing = event.target instanceof Element && event.target.matches(TYPED);
  if (name === "Escape" && typing) {
    if (event.target.closest("dialog[open]")) return false; // the dialog closes, as from everywhere else in it
    /** @type {HTMLElement} */ (event.target).blur();
    return true;
  }
  const isLetter = name.length === 1;
  if (name === "Shift+Escape") return pressIf(find(name));
  if (name === "Enter" && event.target instanceof Element && event.target.matches(PRESSED)) return false; // its own, not the chosen item's
  if (typing || (isLetter && document.body.dataset.letterKeys === "off")) return false;
  if (first.key && performance.now() - first.at < SEQUENCE) {
    const target = find(`${first.key} ${name}`);
    first = { key: "", at: 0 };
    if (target) return pressIf(target);
  }
  if (name === "g") {
    first = { key: "g", at: performance.now() };
    return true;
  }
  return pressIf(find(name)) || builtIn(name, event);
}

/** @param {HTMLElement | undefined} element */
function pressIf(element) {
  if (element) act(element);
  return Boolean(element);
}

/** @param {string} name @param {KeyboardEvent} event */
function builtIn(name, event) {
  const inList = event.target instanceof Element && event.target.closest("[data-list], [data-list-of], [data-feed]");
  const grid = event.target instanceof Element && Boolean(event.target.closest(".wall"));
  if (name === "j" || (inList && name === (grid ? "ArrowRight" : "ArrowDown"))) return move(1), true;
  if (name === "k" || (inList && name === (grid ? "ArrowLeft" : "ArrowUp"))) return move(-1), true;
  if (grid && name === "ArrowDown") return moveRow(1), true;
  if (grid && name === "ArrowUp") return moveRow(-1), true;
  if (name === "Enter" && event.target === selected()) return pressIf(selected()?.querySelector("[data-open-item], a[href]"));
  if (name === "b") return history.back(), true;
  if (name === "n") return nextInNeed();
  if (name === "/") return pressIf(document.querySelector("main [type=search]") ?? document.querySelector("[data-search]"));
  return false;
}

/** The next room that needs someone: after the one in focus, round to the first. */
function nextInNeed() {
  const tiles = [...document.querySelectorAll(".tile[data-need]:not([data-need=''])")];
  const at = tiles.findIndex((tile) => tile.contains(document.activeElement));
  const link = /** @type {HTMLElement | null | undefined} */ (tiles[(at + 1) % tiles.length]?.querySelector("h2 a"));
  link?.focus();
  link?.scrollIntoView({ block: "nearest" });
  return Boolean(link);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.keyCode === 229 || event.repeat) return;
  if (press(event)) event.preventDefault();
});

/** The help lists what this page answers to: the server wrote each name (data-key-label, or its own words). */
document.addEventListener("click", (event) => {
  if (!event.target.closest?.("[data-dialog='#keys']")) return;
  const list = document.querySelector("#keys [data-keys-here]");
  const pattern = /** @type {HTMLTemplateElement | null} */ (document.getElementById("key-pattern"));
  if (!list || !pattern) return;
  const seen = new Map();
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("main [data-key], .roombar [data-key], .dock [data-key]"))) {
    const label = element.dataset.keyLabel ?? element.getAttribute("aria-label") ?? element.querySelector("[data-label]")?.textContent ?? element.firstChild?.textContent;
    if (label?.trim() && element.dataset.key !== "Shift+Escape" && !seen.has(element.dataset.key)) // silence is in the list of all pages
      seen.set(element.dataset.key, label.trim());
  }
  list.replaceChildren(...[...seen].map(([key, label]) => {
    const row = /** @type {Element} */ (pattern.content.firstElementChild.cloneNode(true));
    row.querySelector("dt").textContent = label;
    row.querySelector("kbd").textContent = key.replace("Shift+Escape", "⇧Esc").replace("Delete", "Del").replace("Enter", "⏎");
    return row;
  }));
});
