import { text } from "./texts.js";
import { announce } from "./toast.js";

// While a rehearsal runs in this room the tab says so too: its title, its icon and the frame of the page (rehearsal.css).
const slot = document.getElementById("rehearsal-strip");
const icon = /** @type {HTMLLinkElement | null} */ (document.querySelector("link[data-rehearsal-icon]"));

if (slot && icon) {
  const plain = { title: document.title, icon: icon.href };
  const show = () => {
    const word = /** @type {HTMLElement | null} */ (slot.querySelector("[data-rehearsal-word]"))?.dataset.rehearsalWord;
    const title = word ? `${word} · ${plain.title}` : plain.title;
    const href = word ? icon.dataset.rehearsalIcon : plain.icon;
    if (document.title !== title) document.title = title;
    if (icon.getAttribute("href") !== href) icon.href = href;
    document.body.toggleAttribute("data-rehearsal", Boolean(word));
  };
  new MutationObserver(show).observe(slot, { childList: true, subtree: true });
}

// The form of faults says what the chosen kind does, and shows only what it takes.
const kind = /** @type {HTMLSelectElement | null} */ (document.querySelector("[data-fault-kind]"));

if (kind) {
  const form = kind.form;
  const show = () => {
    const { does, unit, usual, instant } = /** @type {HTMLElement} */ (form.querySelector(`[data-fault-help="${CSS.escape(kind.value)}"]`)).dataset;
    form.querySelector("#fault-does").textContent = does;
    form.querySelector("[data-fault-value]").hidden = !usual;
    form.querySelector("[data-fault-unit]").textContent = unit;
    form.querySelector("[data-fault-value] input").placeholder = usual;
    form.querySelector("[data-fault-span]").hidden = instant === "true";
  };
  kind.addEventListener("change", show);
  show();
}

// What is asked for every two seconds may take a focused button along: the focus goes to what stands there now.
document.addEventListener("htmx:before:swap", (event) => {
  const panel = /** @type {HTMLElement | null} */ (document.getElementById("sandbox-now"));
  if (event.detail.ctx.sourceElement !== panel || !panel?.contains(document.activeElement)) return;
  setTimeout(() => {
    const now = /** @type {HTMLElement} */ (document.getElementById("sandbox-now"));
    if (now.contains(document.activeElement)) return;
    const next = /** @type {HTMLElement} */ (now.querySelector(".armed button") ?? now.querySelector("[aria-pressed=true]") ?? now);
    next.focus({ preventScroll: true });
    announce(text("moved"));
  });
});
