// What a press does before the network answers: forbidden things say why, a double press is one, a dangerous one asks
// for a second press in the same place, and every accepted one shows within a frame that it was felt.
// This is help, not protection: the server refuses by itself, and where it asks for a second press that the page did not
// foresee (428: what the deed does has changed meanwhile), the button is armed with the server's own words.
import { serverNow } from "./freshness.js";
import { clock, say, text } from "./texts.js";
import { announce, toast } from "./toast.js";

const TWICE = 600; // ms: a second press within this is the same press
const ARMED = 4000;

const { dataset } = document.body;
const allowed = new Set((dataset.allowed ?? "").split(/\s+/));
/** @type {WeakMap<Element, number>} */
const pressedAt = new WeakMap();
/** `unsay` takes away what was said about it: words that ask for a second press end with the time for it.
 * @type {{element: HTMLElement, label: string, timer: number, settling: number, unsay: () => void} | null} */
let armed = null;

/** @param {HTMLElement} element */
export const isAllowed = (element) => !("allowed" in dataset) || allowed.has(element.dataset.action);

/** Why it is not for this person: it is its author's alone, or anybody's but the author's. @param {HTMLElement} element */
function whose(element) {
  const isMine = /** @type {HTMLElement | null} */ (element.closest("[data-by]"))?.dataset.by === dataset.person;
  if ("authorOnly" in element.dataset && !isMine) return text("authorOnly");
  return "authorNever" in element.dataset && isMine ? text("authorNever") : "";
}

/** @param {ParentNode & Partial<Element>} root */
export function permit(root) {
  if (!("allowed" in dataset)) return;
  const all = [...root.querySelectorAll("[data-action]"), ...(root.matches?.("[data-action]") ? [/** @type {Element} */ (root)] : [])];
  for (const element of /** @type {HTMLElement[]} */ (all)) {
    const own = whose(element);
    if (isAllowed(element) && !own) continue;
    element.setAttribute("aria-disabled", "true");
    const reason = isAllowed(element) ? own : element.dataset.reason || text("notAllowed", { role: dataset.roleWord ?? "" });
    element.dataset.why = element.title = reason;
  }
}

/** @param {HTMLElement} element */
function disarm() {
  if (!armed) return;
  const { element, label, timer, settling, unsay } = armed;
  armed = null;
  clearTimeout(timer);
  clearTimeout(settling);
  unsay();
  element.classList.remove("btn-armed");
  element.removeAttribute("data-settling");
  labelOf(element).innerHTML = label;
  const region = element.closest("[data-hold]");
  // Behind this very press: what waited for the region would take the button away before its request is made.
  setTimeout(() => {
    if (!armed || !region?.contains(armed.element)) region?.removeAttribute("data-hold");
    document.dispatchEvent(new CustomEvent("live:release"));
  });
}

/** @param {HTMLElement} element */
const labelOf = (element) => /** @type {HTMLElement} */ (element.querySelector("[data-label]") ?? element);

/** First press: the words become the consequence. @param {HTMLElement} element @param {string} [consequence] the server's */
export function arm(element, consequence = "") {
  disarm();
  const label = labelOf(element);
  armed = { element, label: label.innerHTML, timer: setTimeout(disarm, ARMED), settling: 0, unsay: () => {} };
  element.classList.add("btn-armed");
  settle(element);
  label.textContent = element.dataset.armedLabel || consequence || label.textContent;
  announce(text("pressAgain", { words: label.textContent ?? "" }));
  element.closest("[id][data-seq]")?.setAttribute("data-hold", ""); // it must stay under the hand
}

/** Until a second press counts as one, the armed button shows that it is not ready for it. @param {HTMLElement} element */
function settle(element) {
  const left = TWICE - (performance.now() - (pressedAt.get(element) ?? -TWICE));
  if (left <= 0) return;
  element.dataset.settling = "";
  armed.settling = setTimeout(() => element.removeAttribute("data-settling"), left);
}

/** The second press came so soon that it may be half of a double click: nothing was sent, and whoever pressed is told so. */
function tooSoon() {
  const { element } = armed;
  clearTimeout(armed.timer);
  armed.timer = setTimeout(disarm, ARMED);
  const words = text("tooSoon", { words: labelOf(element).textContent ?? "" });
  const slot = element.closest("dialog")?.querySelector("[data-word-state]");
  tell(slot, words);
}

/** What is told about the armed button, until it is armed no more. @param {Element | null | undefined} slot @param {string} words */
function tell(slot, words) {
  armed.unsay();
  const shown = slot ? null : toast(words);
  if (slot) say(slot, words);
  armed.unsay = () => {
    shown?.remove();
    if (slot?.textContent === words) say(slot, "");
  };
}

/** @param {MouseEvent} event in the capture phase: nothing else sees a press that does not count */
function press(event) {
  const element = /** @type {HTMLElement | null} */ (event.target instanceof Element && event.target.closest("button, a, summary, [role=button], label"));
  if (!element) return;
  const stop = () => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  if (element.getAttribute("aria-disabled") === "true") {
    stop();
    const why = element.dataset.why || element.dataset.reason || element.title;
    const slot = element.closest("dialog")?.querySelector("[data-word-state]"); // a toast would lie behind the dialog
    return void (slot ? say(slot, why) : toast(why));
  }
  if (!isCommand(element)) return;
  const now = performance.now();
  if (now - (pressedAt.get(element) ?? -TWICE) < TWICE || element.hasAttribute("data-busy")) {
    stop();
    if (armed?.element === element) tooSoon();
    return;
  }
  pressedAt.set(element, now);
  if ("confirm" in element.dataset || armed?.element === element) {
    if (armed?.element !== element) {
      stop();
      return arm(element);
    }
    element.dataset.confirmed = "1";
    setTimeout(() => delete element.dataset.confirmed, 1000);
    disarm();
  }
  busy(element);
}

/** @param {Element} element */
const isCommand = (element) =>
  element.matches("[hx-post], [hx-put], [hx-patch], [hx-delete], [data-confirm]") ||
  (element instanceof HTMLButtonElement && element.type === "submit" && element.form?.method === "post");

/** @param {HTMLElement} element */
export function busy(element) {
  element.dataset.busy = "";
  const since = performance.now();
  const timer = setInterval(() => {
    if (!element.isConnected || !element.hasAttribute("data-busy")) return clearInterval(timer);
    element.dataset.elapsed = clock((performance.now() - since) / 1000);
  }, 1000);
}

/** @param {Element | null | undefined} element */
export function done(element) {
  for (const each of [element, ...(element?.querySelectorAll?.("[data-busy]") ?? [])]) {
    each?.removeAttribute("data-busy");
    each?.removeAttribute("data-elapsed");
  }
}

/**
 * The server wants the second press that it names (X-Arm): in the same place where that still is, else where it was sent
 * from. What it says is no error, so it is no warning either.
 * @param {Element | null | undefined} element @param {number} status @param {Headers} headers @param {string} [why]
 */
export function armFor(element, status, headers, why = "") {
  if (status !== 428) return false;
  const post = element?.getAttribute("hx-post");
  const there = element?.isConnected ? element : post && document.querySelector(`[hx-post="${CSS.escape(post)}"]`);
  if (there instanceof HTMLElement) arm(there, decodeURIComponent(headers.get("X-Arm") ?? ""));
  if (why && armed && armed.element === there) tell(null, why);
  else if (why) toast(why);
  return true;
}

/** What the buttons of `form` send has changed: the next press is no repeat of the last. @param {HTMLElement} form or another element with buttons, or one button */
export function anew(form) {
  for (const button of [form, ...form.querySelectorAll("button")]) pressedAt.delete(button);
  done(form);
}

document.addEventListener("click", press, true);
document.addEventListener("keydown", (event) => event.key === "Escape" && disarm());
document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  const source = ctx.request.submitter ?? ctx.sourceElement;
  if (source?.dataset?.confirmed) ctx.request.headers["X-Confirmed"] = "1";
  if (source?.hasAttribute?.("data-mint-key") && !ctx.request.body.get("key")) ctx.request.body.set("key", crypto.randomUUID()); // one press, one key
  if (source?.matches?.(".btn-silence")) ctx.request.body.set("pressed", String(Math.round(serverNow()))); // time to silence counts from here
});
document.addEventListener("htmx:before:response", (event) => {
  const { ctx } = event.detail;
  if (ctx.response.status === 428) ctx.swap = "none";
});
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  armFor(ctx.request.submitter ?? ctx.sourceElement, ctx.response.status, ctx.response.headers, ctx.text);
});
document.addEventListener("formdata", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target); // a plain form carries no header
  if (form.querySelector("[data-confirmed]")) event.formData.set("confirmed", "1");
});
document.addEventListener("htmx:after:request", (event) => {
  const back = event.detail.ctx.response.headers.get("X-Draft-Back");
  if (back) document.dispatchEvent(new CustomEvent("draft:back", { detail: JSON.parse(decodeURIComponent(back)) }));
});
document.addEventListener("htmx:finally:request", (event) => {
  const { ctx } = event.detail;
  done(ctx.sourceElement);
  done(ctx.request?.submitter);
});
document.addEventListener("invalid", (event) => done(event.target.form), true);
addEventListener("pageshow", () => done(document.body));
document.addEventListener("live:swap", (event) => permit(event.detail.root));
permit(document);

// Type the code to stop it: a D3 button opens when the field holds exactly that word.
document.addEventListener("input", (event) => {
  const field = /** @type {HTMLInputElement} */ (event.target);
  const word = field.dataset?.typeToOpen;
  const button = word && field.form?.querySelector("[data-opens-on-word]");
  if (!button) return;
  const right = field.value.trim().toUpperCase() === word.toUpperCase();
  button.setAttribute("aria-disabled", String(!right));
  say(field.form.querySelector("[data-word-state]"), "");
});
