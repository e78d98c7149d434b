// <details class="menu">: closes on Escape, on a press elsewhere and when focus leaves. And forms that send themselves.

/** @param {Element | null} [except] */
function closeAll(except = null) {
  for (const menu of document.querySelectorAll("details.menu[open], details.areas-menu[open]")) {
    if (menu !== except) menu.removeAttribute("open");
  }
}

document.addEventListener("click", (event) => closeAll(event.target.closest?.("details.menu, details.areas-menu")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = /** @type {HTMLElement | null} */ (document.querySelector("details.menu[open] > summary, details.areas-menu[open] > summary"));
  closeAll();
  open?.focus();
});
document.addEventListener("focusout", (event) => {
  const menu = event.target.closest?.("details.menu[open], details.areas-menu[open]");
  if (menu && event.relatedTarget instanceof Node && !menu.contains(event.relatedTarget)) menu.removeAttribute("open");
});

// A filter is a GET form: choosing is enough. Without script its button is there.
document.addEventListener("change", (event) => event.target.form?.matches?.("form[data-autosubmit]") && event.target.form.requestSubmit());
// What was filled in before this script ran told nobody. Not after going back: the browser fills the form in again by itself.
const arrival = /** @type {PerformanceNavigationTiming | undefined} */ (performance.getEntriesByType("navigation")[0]);
for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("form[data-autosubmit] input[type=search]"))) {
  if (arrival?.type === "navigate" && field.value !== field.defaultValue) field.form.requestSubmit();
}

// Size of tiles: kept in this browser, the list says data-size.
const SIZE = "wall-size";
/** @param {string} size */
function setSize(size) {
  const wall = /** @type {HTMLElement | null} */ (document.querySelector("[data-size]"));
  if (!wall) return;
  wall.dataset.size = size;
  for (const button of document.querySelectorAll("[data-set-size]")) {
    button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.setSize === size));
  }
}

try {
  const saved = localStorage.getItem(SIZE);
  if (saved) setSize(saved);
  document.addEventListener("click", (event) => {
    const size = event.target.closest?.("[data-set-size]")?.dataset.setSize;
    if (!size) return;
    setSize(size);
    localStorage.setItem(SIZE, size);
  });
} catch {
  // storage is forbidden: the page's own size stays
}
