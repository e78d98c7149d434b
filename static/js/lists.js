// Lists of regions: <ul data-list-of="tile-" id="wall"> takes new regions whose id begins so, and keeps them in the order
// of their data-order. Nothing moves under the hand: while pointer or focus is on it (or its hold box is checked) the list
// only fills at the end, and a button [data-order-apply] offers the new order.
/** @type {Map<Element, number>} lists out of order, and when they may be sorted */
const dirty = new Map();
/** @type {WeakMap<Element, number>} */
const sortedAt = new WeakMap();
const canHover = matchMedia("(hover: hover)");

/** @param {Element} item @returns {HTMLElement | null} the list it belongs to now (by group, if lists have groups) */
export function listFor(item) {
  const fits = (/** @type {HTMLElement} */ list) =>
    item.id.startsWith(list.dataset.listOf) && (!list.dataset.listGroup || list.dataset.listGroup === item.getAttribute("data-group"));
  return /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-list-of]")]).find(fits) ?? null;
}

/** @param {Element} list */
export const handOn = (list) => (canHover.matches && list.matches(":hover")) || (list !== document.activeElement && list.contains(document.activeElement));

/** @param {Element} list */
function isHolding(list) {
  const box = /** @type {HTMLInputElement | null} */ (document.querySelector(`[data-order-hold="${CSS.escape(list.id)}"]`));
  return handOn(list) || Boolean(box?.checked);
}

/** @param {Element} a @param {Element} b */
function compare(a, b) {
  const [x, y] = [a, b].map((item) => item.getAttribute("data-order") ?? "");
  const [n, m] = [Number(x), Number(y)];
  if (x !== "" && y !== "" && !Number.isNaN(n) && !Number.isNaN(m)) return n - m;
  return x < y ? -1 : x > y ? 1 : 0;
}

/** @param {HTMLElement} list @param {Element} item */
export function place(list, item) {
  if (item.parentElement !== list) {
    const later = isHolding(list) ? null : [...list.children].find((other) => compare(other, item) > 0);
    list.insertBefore(item, later ?? null);
  }
  if (!isInOrder(list)) {
    const wait = Number(list.dataset.orderEvery ?? 0) * 1000;
    if (!dirty.has(list)) dirty.set(list, Math.max(Date.now(), (sortedAt.get(list) ?? 0) + wait));
    queueMicrotask(tidy);
  }
}

/** @param {Element} list */
const isInOrder = (list) => [...list.children].every((item, index, all) => !index || compare(all[index - 1], item) <= 0);

/** @param {Element} list @param {Element} item gone, but it keeps its place until the hand has left */
export function leaveList(list, item) {
  item.setAttribute("data-gone", "");
  dirty.set(list, dirty.get(list) ?? Date.now());
}

/** Sorts and clears every list that may move now; offers the order of the others. */
export function tidy() {
  for (const [list, at] of dirty) {
    const offer = /** @type {HTMLElement | null} */ (document.querySelector(`[data-order-apply="${CSS.escape(list.id)}"]`));
    if (list.isConnected && (isHolding(list) || at > Date.now())) {
      if (offer) offer.hidden = !isHolding(list) || isInOrder(list);
      continue;
    }
    dirty.delete(list);
    if (offer) offer.hidden = true;
    sort(list);
  }
}

/** @param {Element} list */
function sort(list) {
  for (const gone of list.querySelectorAll(":scope > [data-gone]")) gone.dispatchEvent(new CustomEvent("live:drop", { bubbles: true }));
  if (isInOrder(list)) return;
  sortedAt.set(list, Date.now());
  let before = list.firstElementChild;
  for (const item of [...list.children].sort(compare)) {
    if (item === before) before = before.nextElementSibling;
    else if ("moveBefore" in list) list.moveBefore(item, before); // keeps focus and scroll of what moves
    else list.insertBefore(item, before);
  }
  document.dispatchEvent(new CustomEvent("live:sorted", { detail: { list } }));
}

/** A part of an item may tell where a calm one stands: <p data-item-order="4-171"> in <li data-calm>. @param {ParentNode & Partial<Element>} root */
function reorder(root) {
  for (const part of [...(root.matches?.("[data-item-order]") ? [root] : []), ...root.querySelectorAll("[data-item-order]")]) {
    const item = /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (part).closest("[data-calm]"));
    const order = /** @type {HTMLElement} */ (part).dataset.itemOrder;
    const list = item && listFor(item);
    if (!list || item.dataset.order === order) continue;
    item.dataset.order = order;
    place(list, item);
  }
}

document.addEventListener("live:swap", (event) => reorder(event.detail.root));
setInterval(tidy, 1000);
document.addEventListener("change", (event) => event.target.closest?.("[data-order-hold]") && tidy());
document.addEventListener("click", (event) => {
  const id = event.target.closest?.("[data-order-apply]")?.dataset.orderApply;
  const list = id && document.getElementById(id);
  if (!list) return;
  dirty.delete(list);
  sort(list);
  event.target.closest("[data-order-apply]").hidden = true;
});

// A row that unfolds under the focus folds the one before it, which lies above: what is focused may leave the window with that.
document.addEventListener("focusin", (event) => {
  if (!event.relatedTarget) return; // a swap gave it back to what had it: the reader may have scrolled on since
  const target = /** @type {Element} */ (event.target);
  if (!target.matches(":focus-visible") || !target.closest(".tk, .q, .ask, .c")) return;
  // Once the browser has done what it does itself to keep in place what it takes for the reader's line.
  requestAnimationFrame(() => requestAnimationFrame(() => target === document.activeElement && target.scrollIntoView({ block: "nearest" })));
});
