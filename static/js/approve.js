// A second person returns words: why is written in a dialog outside of what is live, since no field may be swapped away
// while somebody types. And who said something is told what became of it, wherever on the page they look.
import { send } from "./csrf.js";
import { show } from "./dialog.js";
import { toast, toastFrom } from "./toast.js";
import { text } from "./texts.js";

const { person } = document.body.dataset;

/** @param {HTMLElement} button */
function ask(button) {
  const dialog = document.querySelector("#return-words");
  if (!(dialog instanceof HTMLDialogElement) || dialog.open) return;
  const item = /** @type {HTMLElement | null} */ (button.closest("[data-item]"));
  const form = /** @type {HTMLFormElement} */ (dialog.querySelector("form"));
  form.reset();
  form.action = button.dataset.return ?? "";
  /** @type {HTMLInputElement} */ (form.elements.namedItem("version")).value = button.dataset.version ?? "";
  dialog.querySelector("[data-return-number]").textContent = item?.dataset.item ?? "";
  dialog.querySelector("[data-return-text]").textContent = item?.querySelector(".q-text, .said")?.textContent ?? "";
  show(dialog);
  /** @type {HTMLElement} */ (dialog.querySelector("[name=reason]")).focus();
}

/** @param {HTMLFormElement} form */
async function giveBack(form) {
  const answer = await send(form.action, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer) return toast(text("noAnswer"), "warn");
  if (!toastFrom(answer.headers) && !answer.ok) toast(text("failed", { status: answer.status }), "warn");
  form.closest("dialog").close(); // also where it was too late: the item says what it is now
}

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  const button = /** @type {HTMLElement | null} */ (event.target.closest("[data-return]"));
  if (button && button.getAttribute("aria-disabled") !== "true") ask(button);
  const because = /** @type {HTMLElement | null} */ (event.target.closest("[data-return-because]"));
  const field = because?.closest("form")?.elements.namedItem("reason");
  if (!because || !(field instanceof HTMLInputElement)) return;
  field.value = because.dataset.returnBecause ?? ""; // to be read, and changed, before it is sent
  field.focus();
});
document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (!form.matches("[data-return-form]")) return;
  event.preventDefault();
  giveBack(form);
});

/** @type {Map<string, string>} my items that a second person decides about → how this page last saw them */
const mine = new Map();

/** My words were returned, or nobody came: I read it at once, not when I next look at the queue. */
function tell() {
  for (const item of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(`[data-item][data-by="${person}"]`))) {
    const { item: number = "", state = "" } = item.dataset;
    if (mine.get(number) === "awaiting_approval" && state === "rejected")
      toast(`${number}: ${item.querySelector(".q-notice, .lint")?.textContent?.trim() ?? ""}`, "warn", { isNews: true });
    if (state === "awaiting_approval" || mine.has(number)) mine.set(number, state);
  }
}

document.addEventListener("live:swap", tell);
tell();
