// <button data-dialog="#stop-7"> opens <dialog id="stop-7">; data-dialog-src loads its body first. [data-close] closes it.
// Focus starts on [autofocus] (the safe side of a D3 dialog) and returns to the button that opened it, or to what stands for it
// when its region was swapped meanwhile.
import { identify, refocus } from "./regions.js";

/** @type {WeakMap<HTMLDialogElement, ReturnType<typeof identify>>} */
const openers = new WeakMap();

/** @param {HTMLDialogElement} dialog */
export function show(dialog) {
  const active = document.activeElement;
  if (active instanceof HTMLElement && active !== document.body) openers.set(dialog, identify(active));
  dialog.showModal();
}

/** @param {HTMLElement} button */
async function open(button) {
  const dialog = document.querySelector(button.dataset.dialog);
  if (!(dialog instanceof HTMLDialogElement) || dialog.open) return;
  const source = button.dataset.dialogSrc;
  if (source) {
    const answer = await fetch(source, { credentials: "same-origin", headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok) return;
    dialog.innerHTML = await answer.text();
    window.htmx?.process(dialog);
    document.dispatchEvent(new CustomEvent("live:swap", { detail: { root: dialog } }));
  }
  show(dialog);
  /** @type {HTMLElement | null} */ (dialog.querySelector("[autofocus]"))?.focus();
}

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  const opener = /** @type {HTMLElement | null} */ (event.target.closest("[data-dialog]"));
  if (opener) {
    event.preventDefault();
    open(opener);
  }
  const dialog = event.target.closest("dialog");
  if (dialog && (event.target.closest("[data-close]") || event.target === dialog)) dialog.close();
});

// One Escape closes, also while the browser shows what a field lacks: that would take the first one. With Shift it is the silence.
document.addEventListener("keydown", (event) => {
  const dialog = event.key === "Escape" && !event.shiftKey && !event.isComposing && [...document.querySelectorAll("dialog[open]")].at(-1);
  if (!(dialog instanceof HTMLDialogElement) || event.defaultPrevented) return;
  event.preventDefault();
  dialog.close();
});

// A command from inside a dialog closes it when the server took it; a refusal (4xx) is shown in place.
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const dialog = ctx.sourceElement?.closest?.("dialog[open]");
  if (ctx.sourceElement?.closest?.("[data-stay]")) return; // its dialog goes on: it shows what follows
  if (dialog && ctx.request.method !== "GET" && ctx.response.status < 400) dialog.close();
});

document.addEventListener("close", ({ target }) => {
  const opener = target instanceof HTMLDialogElement && openers.get(target);
  if (!opener) return;
  openers.delete(target);
  const active = document.activeElement; // still in the dialog where the browser found nothing to go back to
  if (!active || active === document.body || target.contains(active)) refocus(document.body, opener);
}, true);
