// [data-follow]: keeps its [aria-current] child in view when that changes, unless a hand is on it; [data-follow-end] its last one.
import { handOn } from "./lists.js";

/** @type {WeakMap<Element, string>} */
const shown = new WeakMap();

/** @param {ParentNode} root */
function follow(root) {
  for (const box of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-follow]"))) {
    const current = /** @type {HTMLElement | null} */ (box.querySelector("[aria-current]"));
    if (!current || shown.get(box) === current.textContent || handOn(box)) continue;
    shown.set(box, current.textContent);
    const above = current.offsetTop - box.offsetTop;
    if (above < box.scrollTop || above + current.offsetHeight > box.scrollTop + box.clientHeight) {
      box.scrollTop = above - 2 * current.offsetHeight; // the two before it stay visible
    }
  }
  for (const box of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-follow-end]"))) {
    if (!handOn(box)) box.scrollTop = box.scrollHeight;
  }
}

document.addEventListener("live:swap", (event) => follow(event.detail.root));
follow(document);
