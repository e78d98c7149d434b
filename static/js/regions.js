// A region is any element with id and data-seq. Fragments replace regions one by one, whoever brings them (socket,
// polling, htmx answer): never an older one over a newer one, never one under the hand that types, focus stays.
import { handOn, leaveList, listFor, place } from "./lists.js";
import { morph } from "./morph.js";
import { text } from "./texts.js";
import { announce } from "./toast.js";

/** @type {Map<string, {fresh: Element, raw: string} | null>} what waits for the hand to leave; null = gone */
const held = new Map();
/** @type {Map<string, string>} the text each region was last made from: an equal one is not worth a swap */
const madeFrom = new Map();
let paused = false;

const TYPED = "textarea, select, [contenteditable=true], input:not([type=checkbox], [type=radio], [type=button], [type=submit])";
const SCROLLS = ".scroll";
const TABBABLE = "a[href], button:not(:disabled), input:not([type=hidden]), select, textarea, summary, [tabindex]";

/** @type {Node | null} what a pointer is pressing: a swap between down and up would swallow the press */
let pressed = null;

/** @param {Element} region */
function mustWait(region) {
  if (pressed && region.contains(pressed)) return true;
  if (paused || region.closest("[data-hold]") || region.querySelector("[data-hold], dialog[open], details[open]:focus-within")) return true;
  const active = document.activeElement;
  return Boolean(active && region.contains(active) && active.matches(TYPED));
}

/** @param {Element | null} element */
export const seqOf = (element) => Number(element?.getAttribute("data-seq") ?? -1);

/** @param {string} html @returns {Element[]} */
export function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return [...template.content.children];
}

/**
 * @param {Element} fresh root of the fragment, with id and data-seq
 * @param {{force?: boolean}} [options] force: the page was asked anew, its answer counts whatever its number
 * @returns {"swapped" | "held" | "old" | "same" | "unknown"}
 */
export function applyRegion(fresh, { force = false } = {}) {
  const { id } = fresh;
  const raw = fresh.outerHTML;
  const current = document.getElementById(id);
  const list = listFor(fresh);
  if (!current) {
    if (!list) return "unknown";
    if (paused) return wait(id, { fresh, raw });
    madeFrom.set(id, raw);
    place(list, fresh);
    settle(fresh);
    return "swapped";
  }
  if (!force && seqOf(fresh) < seqOf(current)) return "old";
  if (seqOf(fresh) === seqOf(current) && madeFrom.get(id) === raw) return "same";
  if (mustWait(current)) return wait(id, { fresh, raw });
  held.delete(id);
  madeFrom.set(id, raw);
  if (fresh.hasAttribute("data-morph") && current.nodeName === fresh.nodeName) {
    change(current, fresh, force);
    if (list) place(list, current);
    return "swapped";
  }
  keepNewer(current, fresh, force);
  replace(current, fresh);
  if (list) place(list, fresh);
  return "swapped";
}

/** @param {string} id @param {{fresh: Element, raw: string} | null} what @returns {"held"} */
function wait(id, what) {
  const before = held.get(id);
  if (!what || !before || seqOf(what.fresh) >= seqOf(before.fresh)) held.set(id, what);
  return "held";
}

/** @param {string} id the server says it is gone */
export function removeRegion(id) {
  const current = document.getElementById(id);
  if (!current) return void held.delete(id);
  if (mustWait(current)) return void wait(id, null);
  const list = listFor(current);
  if (list && handOn(list)) return leaveList(list, current);
  dropRegion(current);
}

/** @param {Element} current */
function dropRegion(current) {
  const hadFocus = current.contains(document.activeElement);
  const next = current.nextElementSibling ?? current.previousElementSibling ?? current.parentElement;
  held.delete(current.id);
  madeFrom.delete(current.id);
  current.remove();
  if (hadFocus && next) moveFocus(next);
}

/** @param {Element} near */
export function moveFocus(near) {
  const target = /** @type {HTMLElement | null} */ (near.matches(TABBABLE) ? near : [...near.querySelectorAll(TABBABLE)].find((one) => one.checkVisibility({ visibilityProperty: true })));
  (target ?? /** @type {HTMLElement | null} */ (near.closest("[tabindex]")) ?? document.querySelector("main"))?.focus({ preventScroll: true });
  announce(text("moved"));
}

/** Inner regions and feeds that are as new as what came stay as they are. @param {Element} current @param {Element} fresh @param {boolean} force */
function keepNewer(current, fresh, force) {
  for (const inner of fresh.querySelectorAll("[id][data-seq]")) {
    const mine = current.querySelector(`#${CSS.escape(inner.id)}`);
    if (mine && !force && isAsNew(mine, inner)) inner.replaceWith(mine);
  }
}

/** Else what came is what it is made from. @param {Element} mine @param {Element} inner */
function isAsNew(mine, inner) {
  const same = seqOf(mine) === seqOf(inner) && (mine.hasAttribute("data-feed") || madeFrom.get(inner.id) === inner.outerHTML);
  if (same || seqOf(mine) > seqOf(inner)) return true;
  madeFrom.set(inner.id, inner.outerHTML);
  return false;
}

/** For regions of which little changes at a time (data-morph). @param {Element} current @param {Element} fresh @param {boolean} force */
function change(current, fresh, force) {
  const before = /** @type {Element} */ (current.cloneNode());
  renew(current, before, current, () => morph(current, fresh, (mine, next) => next.hasAttribute("data-seq") && !force && isAsNew(mine, next)));
}

/** The new nodes come alive, the focus stays, and what is told anew is said. @param {Element} current @param {Element} before @param {Element} now @param {() => void} swap */
function renew(current, before, now, swap) {
  const active = /** @type {HTMLElement | null} */ (current.contains(document.activeElement) ? document.activeElement : null);
  const finder = active && identify(active);
  swap();
  settle(now);
  if (finder && (document.activeElement !== active || active?.closest("[hidden]"))) refocus(now, finder);
  tell(before, now);
}

/** What may be scrolled of a region: to ask any other element, or to set a zero, lays the whole page out for nothing. @param {Element} region */
const boxes = (region) => [...(region.matches(SCROLLS) ? [region] : []), ...region.querySelectorAll(SCROLLS)];

/** @param {Element} current @param {Element} fresh */
function replace(current, fresh) {
  renew(current, current, fresh, () => {
    const scrolls = boxes(current).map((box) => [box.scrollTop, box.scrollLeft]);
    current.replaceWith(fresh);
    boxes(fresh).forEach((box, index) => {
      if (scrolls[index]?.some(Boolean)) [box.scrollTop, box.scrollLeft] = scrolls[index];
    });
  });
}

/** What makes a thing the same thing after a swap, and what is nearest to it when it is gone. @param {HTMLElement} element */
export function identify(element) {
  const marks = ["data-action", "data-key", "data-dialog", "data-return", "name", "value", "href", "hx-post", "aria-label"].filter((mark) => element.hasAttribute(mark));
  const item = element.closest("li[id], [data-item][id]");
  return {
    id: element.id,
    region: element.closest("[id][data-seq]")?.id,
    selector: marks.length ? element.tagName + marks.map((mark) => `[${mark}="${CSS.escape(element.getAttribute(mark))}"]`).join("") : "",
    key: element.dataset.key ? `[data-key="${CSS.escape(element.dataset.key)}"]` : "", // pause and resume are one place
    then: element.dataset.then ?? "", // what is meant next, where it did its work and is gone
    near: [item, ...following(item, "nextElementSibling"), ...following(item, "previousElementSibling")].map((one) => one?.id ?? ""),
  };
}

/** @param {Element | null} item @param {"nextElementSibling" | "previousElementSibling"} way @returns {Element[]} */
function following(item, way) {
  const all = [];
  for (let next = item?.[way]; next; next = next[way]) all.push(next);
  return all;
}

/** @param {Element} fresh @param {ReturnType<typeof identify>} finder */
export function refocus(fresh, finder) {
  const scope = (finder.region && document.getElementById(finder.region)) || fresh;
  const same = (finder.id && document.getElementById(finder.id)) || (finder.selector && scope.querySelector(finder.selector)) || (finder.key && scope.querySelector(finder.key)) || (finder.then && scope.querySelector(finder.then));
  /** @type {HTMLElement | null | "" | undefined} */ (same)?.focus?.({ preventScroll: true });
  if (same && document.activeElement === same) return; // not where it is hidden now
  const [item, ...others] = finder.near.map((id) => id && document.getElementById(id));
  if (item) return item.focus({ preventScroll: true }); // what could be done with it has changed; it is still meant
  moveFocus(others.find(Boolean) || scope);
}

/** New nodes become alive: htmx attributes, permissions, ages, selection. @param {Element} root */
function settle(root) {
  window.htmx?.process(root);
  document.dispatchEvent(new CustomEvent("live:swap", { detail: { root } }));
}

/** @param {Element} before @param {Element} after */
function tell(before, after) {
  for (const [mark, urgent] of [["data-alert", true], ["data-announce", false]]) {
    const words = after.getAttribute(/** @type {string} */ (mark));
    if (words && words !== before.getAttribute(/** @type {string} */ (mark))) announce(words, /** @type {boolean} */ (urgent));
  }
}

/** Whatever waited and need not wait any more is applied now. */
export function release() {
  for (const [id, what] of [...held]) {
    const current = document.getElementById(id);
    if (paused || (current && mustWait(current))) continue;
    held.delete(id);
    if (what) applyRegion(what.fresh);
    else removeRegion(id);
  }
}

/** @param {boolean} yes while paused nothing on the page changes */
export function pause(yes) {
  paused = yes;
  if (!yes) release();
}

export const waitingCount = () => held.size;

document.addEventListener("pointerdown", (event) => (pressed = /** @type {Node} */ (event.target)), true);
for (const end of ["pointerup", "pointercancel"]) {
  document.addEventListener(end, () => setTimeout(() => ((pressed = null), release()), 50), true);
}
document.addEventListener("focusout", () => setTimeout(release));
document.addEventListener("live:release", release);
document.addEventListener("live:drop", (event) => dropRegion(/** @type {Element} */ (event.target)));
document.addEventListener("close", () => setTimeout(release), true);

// The fragments in an htmx answer are regions like all others: they never go where hx-target points.
document.addEventListener("htmx:before:swap", (event) => {
  const { tasks, ctx } = event.detail;
  for (const task of [...tasks]) {
    for (const root of [...task.fragment.children].filter((child) => child.id && child.hasAttribute("data-seq"))) {
      root.remove();
      root.removeAttribute("hx-swap-oob");
      applyRegion(root);
    }
    const empty = !task.fragment.childElementCount && !task.fragment.textContent.trim();
    const failed = ctx.response?.status >= 500 || (ctx.response?.status >= 400 && ctx.response.headers.has("X-Toast"));
    if (failed || (empty && task.swapSpec?.style !== "delete")) tasks.splice(tasks.indexOf(task), 1);
  }
});
document.addEventListener("htmx:after:swap", () => document.dispatchEvent(new CustomEvent("live:swap", { detail: { root: document.body } })));
