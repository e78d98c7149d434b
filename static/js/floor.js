// Whose the floor is stands in the room's bar, the same for everybody; what this person may do about it is picked here.
const me = document.body.dataset.person ?? "";

/** @param {ParentNode & Partial<Element>} root */
export function pick(root) {
  const all = [...root.querySelectorAll("[data-floor-for]"), ...(root.matches?.("[data-floor-for]") ? [/** @type {Element} */ (root)] : [])];
  for (const part of /** @type {HTMLElement[]} */ (all)) {
    const holder = part.closest("[data-holder]")?.getAttribute("data-holder") ?? "";
    part.hidden = part.dataset.floorFor !== (!holder ? "free" : holder === me ? "holder" : "other");
  }
}

/** Whose the floor is, by name: nobody's, this person's, or a colleague's, which it also is while another page is armed with it. */
export function whose() {
  const fact = /** @type {HTMLElement | null} */ (document.querySelector(".fact-floor[data-holder]"));
  const holder = fact?.dataset.holder ?? "";
  return { is: !holder ? "free" : holder === me && !("armed" in fact.dataset) ? "mine" : "other", name: fact?.querySelector("b")?.textContent ?? "" };
}

document.addEventListener("live:swap", (event) => pick(event.detail.root));
pick(document);
