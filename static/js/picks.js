// Several at once: items chosen by x or their box, cancelled by one button of their [data-picks] box. The choice is this
// viewer's own and outlives swaps; what can't be chosen any more leaves it. What an armed button names does not change.
import { moveFocus } from "./regions.js";
import { fill } from "./texts.js";

/** @type {Map<string, Set<string>>} box id → item ids */
const chosen = new Map();

/** @param {Element} box */
function of(box) {
  if (!chosen.has(box.id)) chosen.set(box.id, new Set());
  return chosen.get(box.id);
}

/** @param {Element} box */
function show(box) {
  const mine = of(box);
  const there = /** @type {HTMLElement[]} */ ([...box.querySelectorAll("[data-pick]")]);
  const ids = new Set(there.map((one) => one.dataset.pick));
  for (const id of mine) if (!ids.has(id)) mine.delete(id);
  box.toggleAttribute("data-picking", mine.size > 0);
  for (const one of there) one.setAttribute("aria-checked", String(mine.has(one.dataset.pick)));
  const button = /** @type {HTMLElement | null} */ (box.querySelector("[data-cancel-picked]"));
  if (!button || button.classList.contains("btn-armed")) return;
  const names = there.filter((one) => mine.has(one.dataset.pick)).map((one) => one.closest("[data-item]")?.getAttribute("data-item"));
  const isUnderHand = button === document.activeElement;
  button.hidden = !mine.size;
  if (isUnderHand && button.hidden) moveFocus(box);
  button.setAttribute("hx-vals", JSON.stringify({ items: [...mine].join(",") }));
  button.dataset.armedLabel = fill(button.dataset.armedPattern, { names: names.join(", "), n: mine.size });
  button.querySelector("[data-label]").textContent = fill(button.dataset.labelPattern, { n: mine.size });
}

const showAll = () => document.querySelectorAll("[data-picks]").forEach(show);

document.addEventListener("click", (event) => {
  const pick = /** @type {HTMLElement | null} */ (event.target instanceof Element && event.target.closest("[data-pick]"));
  const box = pick?.closest("[data-picks]");
  if (!pick || !box) return;
  const mine = of(box);
  if (!mine.delete(pick.dataset.pick)) mine.add(pick.dataset.pick);
  show(box);
});
document.addEventListener("live:swap", showAll);
document.addEventListener("live:release", () => setTimeout(showAll));
showAll();
