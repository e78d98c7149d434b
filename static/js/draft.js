// A draft is never lost. Per room and kind it is kept in this browser beside its idempotency key; all tabs share both, and
// only the server's answer (X-Draft-Done: key) retires them. So a draft sent twice is one takeover.
import { anew, armFor, busy, done } from "./actions.js";
import { send } from "./csrf.js";
import { serverNow, wallTime } from "./freshness.js";
import { applyRegion, parse } from "./regions.js";
import { fill, say, text } from "./texts.js";
import { announce, clearToasts, toastFrom } from "./toast.js";

const TWICE = 600; // ms: Enter within this is the same Enter

/** The latest item of this person that is still held here. @param {string} button @returns {HTMLElement | undefined} */
const mine = (button) =>
  [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(`[data-state=held][data-by="${document.body.dataset.person}"] ${button}`))].at(-1);

/** @typedef {{key: string, text: string, at: number} & Record<string, any>} Words */
/**
 * @typedef {object} Draft
 * @property {Words} words what is kept
 * @property {(changes: Record<string, any>) => void} change keep these too
 * @property {(html?: string) => void} refuse a sentence next to the field
 * @property {(value: string) => void} write as if it had been typed
 */

/**
 * @param {HTMLFormElement} form with a textarea `text`, a hidden `key`, and a button for each mode
 * @param {{shelf: string, kind?: string, own?: Record<string, any>, show?: (words: Words) => void, sent?: () => void, back?: () => void, join?: (back: string, typed: string) => string}} options
 *   own: what else belongs to the draft and goes with it (hidden fields of these names are filled); sent: the server took it;
 *   back: words of this kind that were taken back in their undo window stand here again, and the caret is to be theirs;
 *   join: how they stand before what was typed since
 * @returns {Draft}
 */
export function startDraft(form, { shelf, kind = "text", own = {}, show = () => {}, sent = () => {}, back = () => {}, join = (before, typed) => `${before}\n${typed}` }) {
  const field = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("text"));
  const blank = () => ({ key: "", text: "", at: 0, ...own });
  /** @type {Words} */
  let draft = load();
  let sending = false;
  let enteredAt = -TWICE;
  /** @type {HTMLButtonElement | null} pressed with the next sentence while the last one was on its way */
  let next = null;

  /** @returns {Words} */
  function load() {
    try {
      return { ...blank(), ...JSON.parse(localStorage.getItem(shelf) ?? "{}") };
    } catch {
      return blank();
    }
  }

  const isBlank = () => !draft.text && Object.keys(own).every((name) => !draft[name]);

  function keep() {
    if (!draft.key && !isBlank()) draft.key = crypto.randomUUID();
    draft.at = serverNow();
    try {
      if (isBlank()) localStorage.removeItem(shelf);
      else localStorage.setItem(shelf, JSON.stringify(draft));
    } catch {
      // storage is forbidden or full: the draft lives as long as the page
    }
    shown();
  }

  function shown() {
    if (field.value !== draft.text && document.activeElement !== field) field.value = draft.text;
    for (const name of ["key", ...Object.keys(own)]) {
      const input = /** @type {HTMLInputElement | null} */ (form.elements.namedItem(name));
      if (input) input.value = draft[name];
    }
    const kept = /** @type {HTMLElement | null} */ (form.querySelector("[data-dock-kept]"));
    if (kept) kept.hidden = !draft.text || !draft.at;
    if (kept && draft.at) say(kept, fill(kept.dataset.t, { time: wallTime(draft.at, document.getElementById("beat")?.dataset.zone) }));
    show(draft);
  }

  /** @param {string} [html] next to the field, where the eye is; the text stays */
  function refuse(html = "") {
    const box = /** @type {HTMLElement | null} */ (form.querySelector("[data-dock-error]"));
    if (!box) return;
    const slot = /** @type {HTMLElement} */ (box.querySelector("[data-message]") ?? box);
    slot.replaceChildren(...parse(`<div>${html}</div>`)[0].childNodes);
    box.hidden = !html;
    field.setAttribute("aria-invalid", String(Boolean(html)));
    if (html) announce(slot.textContent, true);
  }

  /** @param {HTMLButtonElement} button */
  async function submit(button) {
    if (sending) return void (next = button);
    if (!draft.text.trim()) {
      done(button);
      refuse(text("empty"));
      return field.focus();
    }
    sending = true;
    next = null;
    const { key, text: words } = draft;
    busy(button);
    refuse();
    const body = new FormData(form, button);
    const headers = { "HX-Request": "true", Accept: "text/html", "Idempotency-Key": key, ...(button.dataset.confirmed ? { "X-Confirmed": "1" } : {}) };
    const answer = await send(form.action, { method: "POST", body, headers }).catch(() => null);
    sending = false;
    done(button);
    if (!answer) return refuse(text("notKnown"));
    const html = await answer.text();
    if (armFor(button, answer.status, answer.headers, html)) return;
    const told = toastFrom(answer.headers);
    retire(answer.headers.get("X-Draft-Done"), key, words);
    if (answer.ok) {
      clearToasts("[data-tone]");
      sent();
      parse(html).forEach((root) => root.id && root.hasAttribute("data-seq") && applyRegion(root));
      if (next && draft.text.trim() && draft.text !== words) submit(next);
      return;
    }
    if (answer.status === 409) draft.key = crypto.randomUUID(); // this key has said something else already: the next press is new
    if (answer.status === 422 || answer.status === 409) refuse(html);
    else if (!told) refuse(text("failed", { status: answer.status }));
    keep();
    field.focus();
  }

  /** What was typed while the answer was on its way is the next sentence: it stays, under a key of its own. @param {string | null} key @param {string} used @param {string} words */
  function retire(key, used, words) {
    if (!key || key !== draft.key || key !== used) return;
    const typed = draft.text !== words ? draft.text : "";
    draft = { ...blank(), text: typed };
    if (!typed) field.value = "";
    keep();
  }

  /** @param {string} value @param {boolean} [composing] an input method may yet empty what it alone has written */
  function write(value, composing = false) {
    if (draft.text.trim() && !value.trim() && !composing) Object.assign(draft, own); // what belonged to the words goes with them
    draft.text = value;
    keep();
    refuse();
    anew(form);
  }

  /** Ctrl+Z in an empty composer: what was just sent comes back while it is held. @param {KeyboardEvent} event */
  function takesBack(event) {
    const undo = event.key === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !field.value && mine("[data-undo]");
    if (undo) event.preventDefault();
    if (undo && !event.repeat) undo.click();
    return Boolean(undo);
  }

  document.addEventListener("draft:back", (event) => { // taken back in its undo window: before what was typed since
    const { room, kind: which, text: words, params = {}, ...others } = event.detail;
    if (which !== kind || String(room) !== form.dataset.room) return;
    for (const name of Object.keys(own)) draft[name] ||= String(others[name] ?? "");
    draft.text = draft.text.trim() ? join(words, draft.text) : words;
    const role = form.elements.namedItem("role");
    if (role instanceof HTMLSelectElement && params.role) role.value = params.role;
    draft.key = "";
    field.value = draft.text;
    keep();
    back();
    field.setSelectionRange(words.length, words.length);
  });
  let composedOver = ""; // what stood here before the input method began
  field.addEventListener("compositionstart", () => (composedOver = draft.text));
  field.addEventListener("compositionend", () => {
    if (!composedOver.trim() || field.value.trim()) return;
    draft.text = composedOver; // its own letters were no words: those that it emptied go now
    write(field.value);
  });
  field.addEventListener("input", (event) => write(field.value, /** @type {InputEvent} */ (event).isComposing));
  field.addEventListener("keydown", (event) => {
    if (takesBack(event)) return;
    if (event.key !== "Enter" || event.isComposing || event.keyCode === 229 || event.shiftKey) return; // 229: a candidate is being chosen
    event.preventDefault();
    const isTwice = event.repeat || performance.now() - enteredAt < TWICE; // a key that stays down, or bounces, is one press
    enteredAt = performance.now();
    const held = !field.value.trim() && mine("[data-send-now]");
    if (isTwice && (held || event.repeat)) return;
    const mode = event.ctrlKey || event.metaKey ? "now" : event.altKey ? "insert" : "append";
    if (held) held.click(); // Enter again: what waits in its undo window goes at once
    else /** @type {HTMLElement | null} */ (form.querySelector(`button[name=mode][value=${mode}]`))?.click();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(/** @type {HTMLButtonElement} */ (event.submitter ?? form.querySelector("button[name=mode]")));
  });
  addEventListener("storage", (event) => {
    if (event.key !== shelf) return;
    const theirs = load();
    if (document.activeElement === field && field.value && theirs.text) return; // this tab is being typed in: the last one to type wins
    draft = theirs;
    field.value = draft.text;
    shown();
  });

  if (field.value && !draft.text) draft.text = field.value;
  field.value = draft.text;
  shown();
  return {
    get words() {
      return draft;
    },
    change(changes) {
      Object.assign(draft, changes);
      keep();
    },
    refuse,
    write(value) {
      field.value = value;
      write(value);
    },
  };
}
