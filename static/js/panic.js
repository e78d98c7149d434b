// Silence for all rooms: held for one second, on the button or with Shift+Esc anywhere; the first press of Shift+Esc on a
// desk silences its room at once (keys.js), and holding on takes the others. The dialog then counts each room's time.
import { isAllowed } from "./actions.js";
import { send } from "./csrf.js";
import { show } from "./dialog.js";
import { serverNow } from "./freshness.js";
import { fill, say, text } from "./texts.js";
import { announce, toast, toastFrom } from "./toast.js";

const HOLD = 1000; // ms
const COUNT = 100;
const NOTE = 250; // ms: a tap that silences one room is shorter
const ASK = 500;
const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("silence-all"));
const button = /** @type {HTMLButtonElement | null} */ (dialog?.querySelector("[data-hold-to-silence]"));
/** @type {{timer: number, at: number} | null} */
let held = null;
let asking = 0;
let noting = 0;
const note = /** @type {HTMLElement | null} */ (document.querySelector("[data-hold-note]"));
const restoreAll = /** @type {HTMLElement | null} */ (dialog?.querySelector("[data-restore-all]"));

/** How many rooms are silent and may speak again. */
const silent = () => dialog?.querySelectorAll("[id^=restore-]").length ?? 0;

function begin() {
  if (held || !button || !isAllowed(button)) return;
  button.toggleAttribute("data-held", true);
  held = { at: serverNow(), timer: setTimeout(fire, HOLD) };
  if (note && !dialog.open) noting = setTimeout(() => (note.hidden = false), NOTE);
}

function end() {
  if (!held) return;
  clearTimeout(held.timer);
  clearTimeout(noting);
  held = null;
  if (note) note.hidden = true;
  button?.removeAttribute("data-held");
}

async function fire() {
  end();
  const body = new FormData();
  body.set("key", crypto.randomUUID());
  body.set("pressed", String(Math.round(serverNow())));
  if (!dialog.open) show(dialog);
  button.toggleAttribute("data-busy", true);
  const answer = await send(button.dataset.url, { method: "POST", body, headers: { "HX-Request": "true" } }).catch(() => null);
  button.removeAttribute("data-busy");
  if (!answer) toast(text("noAnswer"));
  else if (!toastFrom(answer.headers) && answer.ok) announce(button.textContent ?? "");
  look();
}

/** While the dialog is open it asks twice a second, so that every room's time stands there as soon as it is known. */
function look() {
  clearTimeout(asking);
  if (!dialog.open) return;
  dialog.querySelector("[data-silences-list]")?.dispatchEvent(new CustomEvent("silences"));
  asking = setTimeout(look, ASK);
}

function count() {
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-silence-since]"))) {
    const seconds = Math.max(0, serverNow() - Date.parse(element.dataset.silenceSince)) / 1000;
    say(element, fill(element.dataset.t, { n: seconds.toFixed(1) }));
  }
  if (dialog.open && restoreAll && !restoreAll.classList.contains("btn-armed")) restoreAll.hidden = silent() < 2;
}

if (dialog && button) {
  new MutationObserver(() => dialog.open && look()).observe(dialog, { attributes: true, attributeFilter: ["open"] });
  button.addEventListener("pointerdown", (event) => event.isPrimary && event.button === 0 && begin());
  for (const name of ["pointerup", "pointercancel", "pointerleave", "blur"]) button.addEventListener(name, end);
  button.addEventListener("contextmenu", (event) => event.preventDefault()); // a long touch is a hold here
  button.addEventListener("keydown", (event) => (event.key === " " || event.key === "Enter") && !event.repeat && begin()); // not by the Enter that opened the dialog
  button.addEventListener("keyup", end);
  document.addEventListener("keydown", (event) => event.key === "Escape" && event.shiftKey && begin(), true);
  document.addEventListener("keyup", (event) => (event.key === "Escape" || event.key === "Shift") && end(), true);
  addEventListener("blur", end);
  setInterval(count, COUNT);
}
