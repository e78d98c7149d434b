// Moves in a queue: by its buttons and keys (htmx), or by dragging its number. What was asked shows at once as asked; the order
// itself changes only when the server's does. Each move says whether it was saved, to the eye and to the ear.
import { anew } from "./actions.js";
import { send } from "./csrf.js";
import { fill } from "./texts.js";
import { announce, toast, toastFrom } from "./toast.js";

const SHOWN = 3000; // ms that a saved or refused move stays marked
const PATIENCE = 15_000; // ms that presses wait for the move before them, on a slow line too
const SLACK = 4; // px: a press that moves less is no drag
const EDGE = 28; // px from the end of the list, where it scrolls

/** @type {Map<string, {how: string, until: number}>} item id → what became of its last move */
const marks = new Map();

/** @param {string} id @param {"saving" | "saved" | "kept"} how */
function mark(id, how) {
  marks.set(id, { how, until: performance.now() + (how === "saving" ? 20_000 : SHOWN) });
  show(id);
  if (how !== "saving") setTimeout(() => show(id), SHOWN + 50);
}

/** @param {string} id the item may have been swapped since */
function show(id) {
  const item = document.getElementById(id);
  const told = marks.get(id);
  if (told && told.until <= performance.now()) marks.delete(id);
  if (!item) return;
  const words = told && marks.has(id) ? item.closest("[data-picks]")?.getAttribute(`data-t-${told.how}`) : "";
  if (words) {
    item.dataset.moved = told.how;
    item.dataset.movedWord = words;
  } else {
    delete item.dataset.moved;
    delete item.dataset.movedWord;
  }
}

/** @param {string} id @param {Response} answer */
function told(id, answer) {
  mark(id, answer.ok ? "saved" : "kept");
  const words = answer.headers.get("X-Announce");
  if (words) announce(decodeURIComponent(words), false, true);
}

// ------------------------------------------------------------------------------------------------------- buttons and keys

document.addEventListener("htmx:config:request", (event) => {
  const item = event.detail.ctx.sourceElement?.matches?.("[data-move]") && event.detail.ctx.sourceElement.closest("[data-movable]");
  if (item) {
    mark(item.id, "saving");
    leave(item, event.detail.ctx);
  }
});
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const move = ctx.sourceElement?.matches?.("[data-move]") && /^.*\/takeovers\/(\d+)\/move$/.exec(ctx.request.action ?? ctx.sourceElement.getAttribute("hx-post"));
  if (!move) return;
  const id = `q-${move[1]}`;
  const answer = ctx.response.raw ?? ctx.response;
  told(id, answer);
  answered(id, ctx, answer.ok ? Number(answer.headers.get("X-Version")) : null);
});
document.addEventListener("htmx:finally:request", (event) => {
  for (const [id, { ctx, shownFrom }] of underWay) {
    if (ctx !== event.detail.ctx || shownFrom !== null) continue;
    mark(id, "kept"); // no answer: toast.js has told so
    answered(id, ctx, null);
  }
});
document.addEventListener("live:swap", () => {
  [...marks.keys()].forEach(show);
  [...underWay.keys()].forEach(next);
});

/** @typedef {{ctx: object, shownFrom: number | null, timer: number, keys: string[]}} Move shownFrom: the item's version that has it, once that is known */
/** @type {Map<string, Move>} item id → a move, until the page shows it, and the presses of keys since */
const underWay = new Map();

/** @param {string} id @param {object} ctx @param {number | null} version null: not moved, so the presses behind it are not meant any more */
function answered(id, ctx, version) {
  const last = underWay.get(id);
  if (last?.ctx !== ctx) return;
  last.shownFrom = version;
  if (version !== null) return next(id);
  clearTimeout(last.timer);
  underWay.delete(id);
}

/** A key pressed again before the page shows the last move means one step more. actions.js would take it for the same press. @param {MouseEvent} event */
function queue(event) {
  if (event.detail || !(event.target instanceof Element)) return; // a pointer's second press may be half of a double click
  const button = /** @type {HTMLElement | null} */ (event.target.closest("[data-move][data-item-key]"));
  const before = button && underWay.get(button.closest("[data-movable]")?.id ?? "");
  if (!before) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  before.keys.push(button.dataset.itemKey);
}

/** @param {HTMLElement} item @param {object} ctx */
function leave({ id }, ctx) {
  const before = underWay.get(id);
  clearTimeout(before?.timer);
  underWay.set(id, { ctx, shownFrom: null, timer: setTimeout(() => giveUp(id), PATIENCE), keys: before?.keys ?? [] });
}

/** @param {string} id what was pressed since will not be done, and says so */
function giveUp(id) {
  const { keys } = underWay.get(id);
  underWay.delete(id);
  if (keys.length) keep(id);
}

/** @param {string} id */
function keep(id) {
  mark(id, "kept");
  announce(document.getElementById(id)?.dataset.movedWord, false, true);
}

/** The next press goes once the page shows the last move: then the neighbours are the new ones. Another change of the item does not count. @param {string} id */
function next(id) {
  const last = underWay.get(id);
  const item = document.getElementById(id);
  if (!last || last.shownFrom === null || (item && Number(item.dataset.version) < last.shownFrom)) return;
  clearTimeout(last.timer);
  underWay.delete(id);
  const key = last.keys.shift();
  if (!key || !item) return;
  const button = /** @type {HTMLElement | null} */ (item.querySelector(`[data-move][data-item-key="${CSS.escape(key)}"]`));
  if (!button) return keep(id); // it can be moved no more
  anew(button);
  button.click();
  const now = underWay.get(id); // none at the end of the queue: the press has told so
  if (now) now.keys = last.keys;
}

window.addEventListener("click", queue, true);

// ------------------------------------------------------------------------------------------------------------------ drag

/** @type {{item: HTMLElement, list: HTMLElement, from: number, scroll: number, moving: boolean, drop: {beside: HTMLElement, to: string} | null} | null} */
let drag = null;

/** @param {HTMLElement} item @param {HTMLElement} list */
const others = (item, list) => /** @type {HTMLElement[]} */ ([...list.querySelectorAll(":scope > [data-movable]")].filter((one) => one !== item));

/** @param {number} y where the pointer is: beside which item it would stand */
function aim(y) {
  const { item, list } = drag;
  for (const one of list.querySelectorAll("[data-drop]")) one.removeAttribute("data-drop");
  const rest = others(item, list);
  const middle = (/** @type {HTMLElement} */ one) => one.getBoundingClientRect().top + one.offsetHeight / 2;
  const next = rest.find((one) => middle(one) > y);
  const beside = next ?? rest.at(-1);
  if (!beside) return (drag.drop = null);
  drag.drop = { beside, to: next ? "before" : "after" };
  const stays = drag.drop.to === "before" ? previous(beside, list) === item : previous(item, list) === beside;
  if (stays) drag.drop = null;
  else beside.dataset.drop = drag.drop.to;
}

/** @param {HTMLElement} item @param {HTMLElement} list */
function previous(item, list) {
  const all = [...list.querySelectorAll(":scope > [data-movable]")];
  return all[all.indexOf(item) - 1];
}

/** @param {PointerEvent} event */
function begin(event) {
  const grip = event.target instanceof Element && event.target.closest("[data-grip]");
  const item = /** @type {HTMLElement | null} */ (grip && grip.closest("[data-movable]"));
  if (!item || event.button !== 0) return;
  if (document.body.dataset.allowed !== undefined && !document.body.dataset.allowed.split(/\s+/).includes("move_takeover")) return;
  event.preventDefault(); // no text is selected by a drag
  const list = /** @type {HTMLElement} */ (item.parentElement);
  drag = { item, list, from: event.clientY, scroll: list.scrollTop, moving: false, drop: null };
  grip.setPointerCapture(event.pointerId);
}

/** @param {PointerEvent} event */
function follow(event) {
  if (!drag) return;
  if (!drag.moving && Math.abs(event.clientY - drag.from) < SLACK) return;
  if (!drag.moving) {
    drag.moving = true;
    drag.item.dataset.dragging = "";
    drag.item.closest("[id][data-seq]")?.setAttribute("data-hold", "");
  }
  const box = drag.list.getBoundingClientRect();
  if (event.clientY < box.top + EDGE) drag.list.scrollTop -= 8;
  else if (event.clientY > box.bottom - EDGE) drag.list.scrollTop += 8;
  drag.item.style.transform = `translateY(${event.clientY - drag.from + drag.list.scrollTop - drag.scroll}px)`;
  aim(event.clientY);
}

/** @param {boolean} drops */
function end(drops) {
  if (!drag) return;
  const { item, list, drop, moving } = drag;
  drag = null;
  item.style.transform = "";
  delete item.dataset.dragging;
  for (const one of list.querySelectorAll("[data-drop]")) one.removeAttribute("data-drop");
  item.closest("[data-hold]")?.removeAttribute("data-hold");
  if (drops && moving && drop) ask(item, drop.to, drop.beside);
  document.dispatchEvent(new CustomEvent("live:release"));
}

/** @param {HTMLElement} item @param {string} to @param {HTMLElement} beside */
async function ask(item, to, beside) {
  mark(item.id, "saving");
  const body = new URLSearchParams({ to, beside: beside.id.replace("q-", ""), version: item.dataset.version ?? "" });
  const answer = await send(item.dataset.moveUrl, { method: "POST", body, headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer) {
    mark(item.id, "kept");
    return toast(fill(document.body.dataset.tNoAnswer), "warn");
  }
  toastFrom(answer.headers);
  told(item.id, answer);
}

document.addEventListener("pointerdown", begin);
document.addEventListener("pointermove", follow);
document.addEventListener("pointerup", () => end(true));
document.addEventListener("pointercancel", () => end(false));
document.addEventListener("keydown", (event) => event.key === "Escape" && end(false));
