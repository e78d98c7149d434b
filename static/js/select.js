// One selected item per list ([data-list] or [data-list-of]): its actions open, action keys mean it, and it stays selected
// when it is swapped. Selection is this viewer's own, so it lives here and not in the shared fragments.

/** @type {Map<string, string>} list id → item id */
const chosen = new Map();
let latest = "";
const LISTS = "[data-list], [data-list-of], [data-feed]";

/** @param {Element | null} list @returns {HTMLElement[]} */
const itemsOf = (list) => /** @type {HTMLElement[]} */ ([...(list?.children ?? [])].filter((item) => item.id && !item.hasAttribute("data-gone")));

/** @param {HTMLElement} item @param {{focus?: boolean}} [options] */
export function select(item, { focus = false } = {}) {
  const list = item.parentElement;
  chosen.set(list.id, (latest = item.id));
  itemsOf(list).forEach((other) => other !== item && other.removeAttribute("aria-current"));
  item.setAttribute("aria-current", "true");
  if (!focus) return;
  const link = /** @type {HTMLElement | null} */ (item.querySelector("h2 a, [data-open-item]"));
  if (!link && !item.hasAttribute("tabindex")) item.tabIndex = -1;
  (link ?? item).focus({ preventScroll: true });
  item.scrollIntoView({ block: "nearest" });
}

/** The list the hand means: the one with focus, else the one with a selection, else the page's first. @returns {Element | null} */
export function currentList() {
  const seen = [...document.querySelectorAll(LISTS)].filter((list) => list.checkVisibility());
  return document.activeElement?.closest(LISTS) ?? seen.find((list) => chosen.has(list.id)) ?? seen[0] ?? null;
}

/** @returns {HTMLElement | null} */
export const selected = () => document.getElementById(latest);

/** @param {number} step 1 or -1 */
export function move(step) {
  const list = currentList();
  const items = itemsOf(list);
  // Who comes to the list itself begins at its end: what was chosen before may be over since, and stand elsewhere now.
  const isNew = list === document.activeElement;
  const at = isNew ? -1 : items.findIndex((item) => item.getAttribute("aria-current") === "true" || item.contains(document.activeElement));
  const next = at < 0 ? items[step > 0 ? 0 : items.length - 1] : items[at + step];
  if (next) select(next, { focus: true });
}

/** In a grid: the nearest item in the row above or below. @param {number} step */
export function moveRow(step) {
  const items = itemsOf(currentList());
  const here = items.find((item) => item.contains(document.activeElement));
  if (!here) return move(step);
  const from = here.getBoundingClientRect();
  const middle = (/** @type {DOMRect} */ box) => box.left + box.width / 2;
  const others = items.map((item) => ({ item, box: item.getBoundingClientRect() }))
    .filter(({ box }) => (step > 0 ? box.top > from.top + 4 : box.top < from.top - 4))
    .sort((a, b) => Math.abs(a.box.top - from.top) - Math.abs(b.box.top - from.top) || Math.abs(middle(a.box) - middle(from)) - Math.abs(middle(b.box) - middle(from)));
  if (others.length) select(others[0].item, { focus: true });
}

/** Selection survives a swap. @param {Element} root */
function keep(root) {
  for (const [listId, itemId] of chosen) {
    const item = document.getElementById(itemId);
    if (item && (root.contains(item) || item.contains(root)) && item.parentElement?.id === listId) item.setAttribute("aria-current", "true");
  }
}

document.addEventListener("click", (event) => {
  const item = /** @type {HTMLElement | null} */ (event.target.closest?.(`:is(${LISTS}) > [id]`));
  if (item && !event.target.closest("a, button, input, label, select, summary")) select(item);
});
document.addEventListener("focusin", (event) => {
  const item = /** @type {HTMLElement | null} */ (event.target.closest?.(`:is(${LISTS}) > [id]`));
  if (item && item.getAttribute("aria-current") !== "true") select(item);
});
document.addEventListener("live:swap", (event) => keep(event.detail.root));
