// Rows that only ever come: <div id="feed-7" data-feed="append" data-seq="418"> (or "prepend"). The feed holds still under
// pointer or focus, when it is scrolled away from its newest end, when its hold button is pressed, or when the page is paused;
// what came meanwhile waits behind the button [data-feed-more].
import { parse } from "./regions.js";
import { fill, say } from "./texts.js";

const CAP = 200;
/** @type {Map<string, Element[]>} rows that wait, by feed */
const waiting = new Map();
let paused = false;

/** @param {{topic: string, seq: number, region: string, rows: string[]}} frame */
export function applyFeed(frame) {
  const feed = document.getElementById(frame.region);
  if (!feed || frame.seq <= Number(feed.dataset.seq ?? -1)) return false;
  feed.dataset.seq = String(frame.seq);
  const queue = waiting.get(feed.id) ?? [];
  const known = new Set(queue.map((row) => row.id));
  queue.push(...frame.rows.flatMap(parse).filter((row) => !row.id || (!known.has(row.id) && !document.getElementById(row.id))));
  waiting.set(feed.id, queue.slice(-CAP));
  flush(feed);
  return true;
}

/** @param {HTMLElement} feed */
function isHeld(feed) {
  if (paused || button("hold", feed)?.getAttribute("aria-pressed") === "true") return true;
  if (matchMedia("(hover: hover)").matches && feed.matches(":hover")) return true;
  return feed.contains(document.activeElement) || left.has(feed);
}

/** @type {WeakSet<EventTarget>} feeds scrolled away from their newest row; one that only got smaller, for its own button, is not */
const left = new WeakSet();

/** @param {HTMLElement} feed */
const atNewest = (feed) =>
  feed.dataset.feed === "prepend" ? feed.scrollTop < 24 : feed.scrollHeight - feed.scrollTop - feed.clientHeight < 24;

/** @param {"hold" | "more"} kind @param {HTMLElement} feed @returns {HTMLElement | null} */
const button = (kind, feed) => document.querySelector(`[data-feed-${kind}="${CSS.escape(feed.id)}"]`);

/** @param {HTMLElement} feed @param {boolean} [anyway] */
function flush(feed, anyway = false) {
  const rows = waiting.get(feed.id) ?? [];
  if (rows.length && (anyway || !isHeld(feed))) {
    waiting.delete(feed.id);
    if (feed.dataset.feed === "prepend") feed.prepend(...rows.reverse());
    else feed.append(...rows);
    feed.querySelector("[data-feed-empty]")?.remove();
    while (feed.childElementCount > CAP) (feed.dataset.feed === "prepend" ? feed.lastElementChild : feed.firstElementChild).remove();
    feed.scrollTop = feed.dataset.feed === "prepend" ? 0 : feed.scrollHeight;
    left.delete(feed);
    for (const row of rows) {
      window.htmx?.process(row);
      document.dispatchEvent(new CustomEvent("live:swap", { detail: { root: row } }));
    }
  }
  offer(feed);
}

/** @param {HTMLElement} feed */
function offer(feed) {
  const more = button("more", feed);
  const rows = waiting.get(feed.id) ?? [];
  if (!more) return;
  more.hidden = !rows.length;
  const questions = rows.filter((row) => row.getAttribute("data-kind") === "question").length;
  say(more.querySelector("[data-label]"), fill(questions ? more.dataset.tQuestions : more.dataset.tNew, { n: rows.length, q: questions }));
}

const flushAll = () => [...waiting.keys()].map((id) => document.getElementById(id)).forEach((feed) => feed && flush(feed));

/** @type {WeakMap<HTMLElement, number>} the height that each feed was last seen with */
const heights = new WeakMap();
/** @type {WeakMap<HTMLElement, number>} where in its panel each feed began then */
const tops = new WeakMap();

/** @type {WeakMap<HTMLElement, number>} where a feed was just put by us: the scroll event of it is nobody's scrolling */
const placed = new WeakMap();

/** A bar that came or went above a feed moves its newest row out of view: nobody has scrolled. Under a hand each row stays where it is. @param {HTMLElement} feed */
function resized(feed) {
  const top = feed.getBoundingClientRect().top - feed.parentElement.getBoundingClientRect().top;
  const shift = top - (tops.get(feed) ?? top);
  heights.set(feed, feed.clientHeight);
  tops.set(feed, top);
  if (left.has(feed) || isHeld(feed)) {
    const before = feed.scrollTop;
    feed.scrollTop += shift;
    if (feed.scrollTop !== before) placed.set(feed, feed.scrollTop);
  } else feed.scrollTop = feed.dataset.feed === "prepend" ? 0 : feed.scrollHeight;
}

const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => resized(/** @type {HTMLElement} */ (target))));

/** @param {HTMLElement} feed */
function isPlaced(feed) {
  const is = placed.get(feed) === feed.scrollTop;
  placed.delete(feed);
  return is;
}

/** @param {Event} event */
function scrolled({ target }) {
  if (target instanceof HTMLElement && "feed" in target.dataset) {
    if (heights.has(target) && heights.get(target) !== target.clientHeight) resized(target);
    else if (!isPlaced(target)) left[atNewest(target) ? "delete" : "add"](target);
  }
  flushAll();
}

/** @param {boolean} yes */
export function pauseFeeds(yes) {
  paused = yes;
  if (!yes) flushAll();
}

/** @type {WeakSet<Element>} */
const opened = new WeakSet();

/** The newest rows are in view when a feed first appears. @param {ParentNode} root */
function settle(root) {
  for (const feed of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-feed=append]"))) {
    if (!opened.has(feed)) {
      feed.scrollTop = feed.scrollHeight;
      sizes.observe(feed);
    }
    opened.add(feed);
  }
}

document.addEventListener("click", (event) => {
  const target = event.target.closest?.("[data-feed-more], [data-feed-hold]");
  const feed = target && document.getElementById(target.dataset.feedMore ?? target.dataset.feedHold);
  if (!feed) return;
  if (target.dataset.feedHold) {
    const held = target.getAttribute("aria-pressed") !== "true";
    target.setAttribute("aria-pressed", String(held));
    say(target.querySelector("[data-label]"), held ? target.dataset.tOn : target.dataset.tOff);
    if (!held) flush(feed, true);
  } else {
    flush(feed, true);
  }
});
document.addEventListener("pointerout", () => setTimeout(flushAll));
document.addEventListener("focusout", () => setTimeout(flushAll));
document.addEventListener("scroll", scrolled, { capture: true, passive: true });
settle(document);
document.addEventListener("live:swap", (event) => event.detail.root.querySelector?.("[data-feed]") && settle(event.detail.root));
