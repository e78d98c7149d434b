// The ways to be heard are tabs of the dock (WAI-ARIA: arrows move, the chosen one is in the tab order). The choice is kept for
// this tab and room. What a vendor can't do stays a tab, so that its reason can be read.
import { toast } from "./toast.js";

/** @param {HTMLElement} box */
function start(box) {
  const tabs = /** @type {HTMLElement[]} */ ([...box.querySelectorAll("[role=tab]")]);
  const shelf = `kind:${box.dataset.kinds}`;

  /** @param {HTMLElement} tab @param {boolean} [focus] */
  function choose(tab, focus = false) {
    if (tab.getAttribute("aria-disabled") === "true") {
      if (!focus) return; // a press is told why by actions.js
      tab.focus();
      return toast(tab.dataset.reason ?? "");
    }
    for (const one of tabs) {
      const chosen = one === tab;
      one.setAttribute("aria-selected", String(chosen));
      one.tabIndex = chosen ? 0 : -1;
      const panel = document.getElementById(one.getAttribute("aria-controls") ?? "");
      if (panel) panel.hidden = !chosen;
    }
    sessionStorage.setItem(shelf, tab.dataset.kind ?? "");
    if (focus) tab.focus();
    box.dispatchEvent(new CustomEvent("kind:chosen", { bubbles: true, detail: { kind: tab.dataset.kind } }));
  }

  box.addEventListener("click", (event) => {
    const tab = /** @type {HTMLElement | null} */ (event.target.closest?.("[role=tab]"));
    if (tab) choose(tab);
  });
  box.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(/** @type {HTMLElement} */ (event.target));
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (at < 0 || (!step && event.key !== "Home" && event.key !== "End")) return;
    event.preventDefault();
    const next = event.key === "Home" ? 0 : event.key === "End" ? tabs.length - 1 : (at + (step ?? 0) + tabs.length) % tabs.length;
    choose(tabs[next], true);
  });
  document.addEventListener("draft:back", (event) => { // before the tab's own module puts it there: a hidden field takes no focus
    const own = String(event.detail.room) === box.dataset.kinds && tabs.find((tab) => tab.dataset.kind === event.detail.kind);
    if (own) choose(own);
  });
  const kept = tabs.find((tab) => tab.dataset.kind === sessionStorage.getItem(shelf));
  if (kept) choose(kept);
}

for (const box of document.querySelectorAll("[data-kinds]")) start(/** @type {HTMLElement} */ (box));
