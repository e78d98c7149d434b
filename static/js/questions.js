// Questions of the desk: rows are regions of a list, so nothing moves under the hand; the head tells which rows there are
// (data-keys), and what is no more among them leaves. A row is the same for everybody: here it learns whether it is ours.
import { removeRegion } from "./regions.js";

/** @param {ParentNode & Partial<Element>} root @param {string} selector @returns {HTMLElement[]} */
const within = (root, selector) => /** @type {HTMLElement[]} */ ([...(root.matches?.(selector) ? [root] : []), ...root.querySelectorAll(selector)]);

/** @param {ParentNode & Partial<Element>} root */
function settle(root) {
  for (const row of within(root, ".ask")) row.toggleAttribute("data-mine", Boolean(row.dataset.claimant) && row.dataset.claimant === document.body.dataset.person);
  for (const head of within(root, ".asked-head")) {
    const there = new Set((head.dataset.keys ?? "").split(" ").map((key) => `question-${key}`));
    for (const row of document.querySelectorAll(".ask")) if (!there.has(row.id)) removeRegion(row.id);
  }
}

document.addEventListener("live:swap", (event) => settle(event.detail.root));
document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".asked-head a");
  const list = link && document.getElementById(link.getAttribute("href").slice(1));
  if (!list) return;
  event.preventDefault();
  document.getElementById("t-audience")?.click(); // on narrow screens the audience is a tab
  /** @type {HTMLElement} */ (list.querySelector(".ask") ?? list).focus();
});
settle(document);
