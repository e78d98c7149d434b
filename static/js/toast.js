// Short messages: a toast for the eye (X-Toast of any answer), a polite status for the ear.
import { refuseAtField } from "./fields.js";
import { text } from "./texts.js";

const STAYS = 6000; // six seconds at least; errors do not time out
const SHOWN = 3; // at once: what is older has been read, or is in the history
const PER_MINUTE = 6; // polite announcements; when there are more, the newest state wins

/**
 * What was said before makes room: the same words and every word about a press that went well, since this one is newer; an
 * error too, once something went well after it.
 * @param {string} message
 * @param {"warn" | "crit" | "stale" | ""} [tone] an error stays until it is closed, or until the next thing goes well
 * @param {{isNews?: boolean}} [options] isNews: nobody's press here was answered, so no error leaves for it, nor it for others
 * @returns {HTMLElement | null} what is shown, for who has to take it away before its time
 */
export function toast(message, tone = "", { isNews = false } = {}) {
  const box = document.getElementById("toasts");
  const pattern = /** @type {HTMLTemplateElement | null} */ (document.getElementById("toast-pattern"));
  if (!box || !pattern || !message) return null;
  const item = /** @type {HTMLElement} */ (pattern.content.firstElementChild.cloneNode(true));
  item.querySelector("[data-message]").textContent = message;
  if (tone) item.dataset.tone = tone;
  if (isNews) item.dataset.news = "";
  else clearToasts(tone ? ":not([data-tone])" : "");
  for (const other of [...box.children]) if (other.textContent.trim() === message) other.remove();
  item.querySelector("button").addEventListener("click", () => item.remove());
  box.append(item);
  while (box.children.length > SHOWN) box.firstElementChild.remove();
  lift(box);
  if (!tone) leaveLater(item);
  return item;
}

/** In front of an open dialog, too, which would hide what went wrong with the press in it. @param {HTMLElement} box */
function lift(box) {
  box.popover = null; // whoever comes last into the top layer is in front
  if (!document.querySelector("dialog:modal")) return;
  box.popover = "manual";
  box.showPopover();
}

/** What was said about presses before, unless it is pointed at or focused. @param {string} which */
export function clearToasts(which = "") {
  for (const item of document.querySelectorAll(`#toasts > .toast${which}:not([data-news], :hover, :focus-within)`)) item.remove();
}

/** @param {HTMLElement} item stays while pointed at or focused */
function leaveLater(item) {
  setTimeout(() => (item.matches(":hover, :focus-within") ? leaveLater(item) : item.remove()), STAYS);
}

/** @type {number[]} */
let spoken = [];
let waiting = 0;

/**
 * @param {string | undefined} message @param {boolean} [urgent] alarms only
 * @param {boolean} [own] what the hand just did is always told: the limit is for what happens by itself
 */
export function announce(message, urgent = false, own = false) {
  const region = document.getElementById(urgent ? "alert" : "status");
  if (!region || !message) return;
  const now = Date.now();
  spoken = spoken.filter((at) => now - at < 60_000);
  clearTimeout(waiting);
  if (urgent || own || spoken.length < PER_MINUTE) {
    if (!own) spoken.push(now);
    region.textContent = message;
  } else {
    waiting = setTimeout(() => announce(message), 60_000 - (now - spoken[0]) + 50);
  }
}

/**
 * X-Toast is percent-encoded UTF-8, because a header carries no Chinese; "warn:" or "crit:" in front sets the tone.
 * @param {Headers} headers @returns {boolean} whether there was one
 */
export function toastFrom(headers) {
  const raw = headers.get("X-Toast");
  if (!raw) return false;
  const [, tone = "", words] = /^(?:(warn|crit|stale):)?\s*([^]*)$/.exec(decodeURIComponent(raw));
  toast(words, /** @type {"warn"} */ (tone));
  return true;
}

/** What asks by itself asks again soon; only what a hand sent is worth a word. @param {{sourceElement?: Element}} ctx */
const isPoll = (ctx) => Boolean(ctx.sourceElement?.getAttribute("hx-trigger")?.includes("every"));

document.addEventListener("htmx:after:request", (event) => {
  const { response, request } = event.detail.ctx;
  if (request.method !== "GET" && response.status < 400) clearToasts("[data-tone]");
  const told = refuseAtField(event.detail.ctx) || toastFrom(response.headers);
  if (response.status >= 500 && !told && !isPoll(event.detail.ctx)) toast(text("failed", { status: response.status }), "warn");
});
document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx && !event.detail.ctx.response && !isPoll(event.detail.ctx)) toast(text("noAnswer"), "warn");
});
