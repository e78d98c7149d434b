// Quick replies: one press (or a key 1 to 9) says a phrase at the end; with Shift or Alt it goes into the composer instead, and so
// does one that was refused. The row is fetched anew when the library changed, but never under the hand.
// The product on air follows the room's live figures.
import { armFor, done } from "./actions.js";
import { send } from "./csrf.js";
import { text } from "./texts.js";
import { announce, clearToasts, toast, toastFrom } from "./toast.js";

const row = /** @type {HTMLElement | null} */ (document.querySelector("[data-quick-row]"));
let edits = false;

/** Words for the composer, which keeps what is in it. @param {string} words */
const compose = (words) => document.dispatchEvent(new CustomEvent("dock:compose", { detail: { text: words } }));

/** @param {HTMLFormElement} form @param {boolean} edit */
async function press(form, edit) {
  const button = form.querySelector("button");
  const body = new FormData(form);
  body.set("key", crypto.randomUUID());
  if (edit) body.set("edit", "1");
  const answer = await send(form.action, { method: "POST", body, headers: { "HX-Request": "true", ...(button?.dataset.confirmed ? { "X-Confirmed": "1" } : {}) } }).catch(() => null);
  done(button);
  if (!answer) return void toast(text("notKnown"));
  if (answer.status === 428) return void armFor(button, answer.status, answer.headers, await answer.text());
  const words = answer.headers.get("X-Compose");
  if (words) compose(decodeURIComponent(words));
  if (answer.ok) {
    clearToasts("[data-tone]");
    return void toastFrom(answer.headers);
  }
  const why = await answer.text();
  if (!toastFrom(answer.headers)) toast(why);
  announce(why, true);
}

/** @param {HTMLFormElement} form */
async function choose(form) {
  const answer = await send(form.action, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok && !(answer && toastFrom(answer.headers))) toast(text("notKnown"));
}

/** What others chose meanwhile, unless the list is open under the hand. */
function follow() {
  const select = /** @type {HTMLSelectElement | null} */ (row?.querySelector("[data-on-sale] select"));
  const figures = /** @type {HTMLElement | null} */ (document.querySelector("[id^=outlook-]"));
  if (!select || !figures || select === document.activeElement) return;
  const chosen = figures.dataset.product ?? "";
  if (select.value !== chosen) select.value = chosen;
}

/** Which library the strip of the page tells of. */
const library = () => /** @type {HTMLElement | null} */ (document.querySelector("[data-library]"))?.dataset.library ?? "";

/** Fetch the row; `version` is read before, so that what changes meanwhile is fetched once more. */
async function load() {
  const version = library();
  row.dataset.version = version;
  const answer = await fetch(/** @type {HTMLElement} */ (row).dataset.quickRow ?? "", { credentials: "same-origin", headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok) return false;
  row.innerHTML = await answer.text();
  document.dispatchEvent(new CustomEvent("live:swap", { detail: { root: row } })); // permissions, ages, and whether anybody hears
  return true;
}

/** Somebody changed the phrases: the keys shown here must be those of every other desk. */
async function renew() {
  if (!row || row.dataset.version === library() || row.contains(document.activeElement) || row.matches(":hover")) return;
  const before = keys();
  if ((await load()) && keys() !== before) announce(row.dataset.changed ?? "");
}

/** Which phrase is on which place. */
const keys = () => [...row.querySelectorAll("[data-quick]")].map((form) => form.getAttribute("action") + form.textContent).join();

if (row) {
  // A press with Shift or Alt is told apart before actions.js counts it as a press.
  row.addEventListener("pointerdown", (event) => (edits = event.shiftKey || event.altKey), true);
  row.addEventListener("click", (event) => (edits = event.shiftKey || event.altKey), true);
  row.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (form.matches("[data-quick]")) press(form, edits);
    edits = false;
  });
  row.addEventListener("change", (event) => {
    const form = /** @type {HTMLElement} */ (event.target).closest("[data-on-sale]");
    if (form) choose(/** @type {HTMLFormElement} */ (form));
  });
  document.addEventListener("live:swap", follow);
  document.addEventListener("live:swap", renew);
  row.addEventListener("pointerleave", renew);
  row.addEventListener("focusout", renew);
  load();
}
