// The say dock: a draft is never lost. Per room it is kept in this browser beside its idempotency key; all tabs share both,
// and only the server's answer (X-Draft-Done: key) retires them. So a draft sent twice is one takeover.
import { anew, busy, done, isAllowed } from "./actions.js";
import { send } from "./csrf.js";
import { serverNow, wallTime } from "./freshness.js";
import { heardAt, outlookOf } from "./outlook.js";
import { applyRegion, parse } from "./regions.js";
import { airtime } from "./speech.js";
import { fill, say, text } from "./texts.js";
import { announce, toastFrom } from "./toast.js";

const LINT_AFTER = 120; // ms without a key

/** @typedef {{key: string, text: string, answers: string, about: string, at: number}} Draft */

/** @param {HTMLFormElement} form */
function start(form) {
  const field = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("text"));
  const shelf = `draft:${form.dataset.team}:${form.dataset.room}`;
  /** @type {Draft} */
  let draft = load();
  let sending = false;
  /** @type {HTMLButtonElement | null} pressed with the next sentence while the last one was on its way */
  let next = null;

  function load() {
    try {
      return { key: "", text: "", answers: "", about: "", at: 0, ...JSON.parse(localStorage.getItem(shelf) ?? "{}") };
    } catch {
      return { key: "", text: "", answers: "", about: "", at: 0 };
    }
  }

  function keep() {
    if (!draft.key && (draft.text || draft.answers)) draft.key = crypto.randomUUID();
    draft.at = serverNow();
    try {
      if (draft.text || draft.answers) localStorage.setItem(shelf, JSON.stringify(draft));
      else localStorage.removeItem(shelf);
    } catch {
      // storage is forbidden or full: the draft lives as long as the page
    }
    show();
  }

  function show() {
    if (field.value !== draft.text && document.activeElement !== field) field.value = draft.text;
    set("key", draft.key);
    set("answers", draft.answers);
    const context = /** @type {HTMLElement | null} */ (form.querySelector("[data-dock-answers]"));
    if (context) context.hidden = !draft.answers;
    say(form.querySelector("[data-dock-about]"), draft.about);
    const limit = Number(form.dataset.limit || 0);
    const count = [...draft.text].length;
    const counter = form.querySelector("[data-dock-count]");
    say(counter?.querySelector("b"), String(count));
    counter?.toggleAttribute("data-over", Boolean(limit && count > limit));
    foresee();
    lint();
    const kept = /** @type {HTMLElement | null} */ (form.querySelector("[data-dock-kept]"));
    if (kept) kept.hidden = !draft.text || !draft.at;
    if (kept && draft.at) say(kept, fill(kept.dataset.t, { time: wallTime(draft.at, document.getElementById("beat")?.dataset.zone) }));
  }

  /** How long the words take, and in how many seconds each button would have them heard. */
  function foresee() {
    const room = outlookOf(form.dataset.room ?? "");
    const words = draft.text.trim();
    const length = /** @type {HTMLElement | null} */ (form.querySelector("[data-dock-airtime]"));
    const ends = /** @type {HTMLElement | null} */ (form.querySelector("[data-dock-clock]"));
    if (length) length.hidden = !words;
    if (room && words) say(form.querySelector("[data-dock-seconds]"), text("seconds", { n: Math.max(1, Math.round(airtime(words, room.pace))) }));
    const letGo = serverNow() + Number(form.dataset.undoMs || 0);
    for (const slot of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-heard-in]"))) {
      const wait = room?.isOpen && words ? heardAt(room, slot.dataset.heardIn ?? "", letGo) - serverNow() : null;
      say(slot, wait === null ? "" : `≈ ${text("seconds", { n: wait < 9950 ? (wait / 1000).toFixed(1) : Math.round(wait / 1000) })}`);
    }
    if (!ends) return;
    ends.hidden = !(room?.isOpen && words);
    if (room && !ends.hidden) say(ends, fill(ends.dataset.t, { time: wallTime(heardAt(room, "append", letGo), document.getElementById("beat")?.dataset.zone) }));
  }

  let linted = "";
  let linting = 0;
  /** What the server's lint says of the draft, once the hand rests: help only, the press is judged anew. */
  function lint() {
    clearTimeout(linting);
    const slot = form.querySelector("[data-dock-lint]");
    const words = draft.text;
    if (!slot || !form.dataset.lint || words === linted) return;
    if (!words.trim()) {
      linted = words;
      return slot.replaceChildren();
    }
    linting = setTimeout(async () => {
      const body = new FormData();
      body.set("text", words);
      const answer = await send(form.dataset.lint ?? "", { method: "POST", body, headers: { "HX-Request": "true" } }).catch(() => null);
      if (!answer?.ok || draft.text !== words) return;
      linted = words;
      const html = (await answer.text()).trim();
      if (slot.innerHTML.trim() !== html) slot.replaceChildren(...parse(`<div>${html}</div>`)[0].childNodes);
    }, LINT_AFTER);
  }

  /** @param {string} name @param {string} value */
  function set(name, value) {
    const input = /** @type {HTMLInputElement | null} */ (form.elements.namedItem(name));
    if (input) input.value = value;
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
    const sent = draft.key;
    const words = draft.text;
    busy(button);
    refuse();
    const body = new FormData(form, button);
    const headers = { "HX-Request": "true", Accept: "text/html", "Idempotency-Key": sent, ...(button.dataset.confirmed ? { "X-Confirmed": "1" } : {}) };
    const answer = await send(form.action, { method: "POST", body, headers }).catch(() => null);
    sending = false;
    done(button);
    if (!answer) return refuse(text("notKnown"));
    const html = await answer.text();
    const told = toastFrom(answer.headers);
    retire(answer.headers.get("X-Draft-Done"), sent, words);
    if (answer.ok) open(false); // on phones the queue it went to is below
    if (answer.ok) {
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

  /** What was typed while the answer was on its way is the next sentence: it stays, under a key of its own. @param {string | null} key @param {string} sent @param {string} words */
  function retire(key, sent, words) {
    if (!key || key !== draft.key || key !== sent) return;
    if (draft.text !== words) {
      draft.key = crypto.randomUUID();
      draft.answers = draft.about = "";
      return keep();
    }
    draft = { key: "", text: "", answers: "", about: "", at: 0 };
    field.value = "";
    keep();
  }

  field.addEventListener("input", () => {
    draft.text = field.value;
    keep();
    refuse();
    anew(form);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.keyCode === 229 || event.shiftKey) return; // 229: a candidate is being chosen
    event.preventDefault();
    const held = !field.value.trim() && /** @type {HTMLElement | null} */ (document.querySelector("[data-state=held] [data-send-now]"));
    const mode = event.ctrlKey || event.metaKey ? "now" : event.altKey ? "insert" : "append";
    if (held) held.click(); // Enter again: what waits in its undo window goes at once
    else /** @type {HTMLElement | null} */ (form.querySelector(`button[name=mode][value=${mode}]`))?.click();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(/** @type {HTMLButtonElement} */ (event.submitter ?? form.querySelector("button[name=mode]")));
  });
  form.addEventListener("click", (event) => {
    if (event.target.closest("[data-dock-unlink]")) {
      draft.answers = draft.about = "";
      keep();
    }
  });
  document.addEventListener("dock:compose", (event) => {
    draft.text = draft.text.trim() ? `${draft.text}\n${event.detail.text}` : event.detail.text; // what was typed stays
    field.value = draft.text;
    keep();
    open(true);
  });
  addEventListener("storage", (event) => {
    if (event.key !== shelf) return;
    const theirs = load();
    if (document.activeElement === field && field.value && theirs.text) return; // this tab is being typed in: the last one to type wins
    draft = theirs;
    field.value = draft.text;
    show();
  });
  document.addEventListener("click", (event) => {
    const answer = event.target.closest?.("[data-answer]"); // a question: <button data-answer="91" data-about="Anna: 多少钱？">
    if (answer && answer.getAttribute("aria-disabled") !== "true") {
      draft.answers = answer.dataset.answer;
      draft.about = answer.dataset.about ?? "";
      keep();
      open(true);
    }
    if (event.target.closest?.("[data-dock-open]")) open(true);
    if (event.target.closest?.("[data-dock-close]")) open(false);
  });

  /** @param {boolean} yes on phones the composer is folded away */
  function open(yes) {
    form.closest(".dock")?.toggleAttribute("data-open", yes);
    if (yes) field.focus();
  }

  setInterval(foresee, 250);
  document.addEventListener("live:swap", foresee);
  if (field.value && !draft.text) draft.text = field.value;
  field.value = draft.text;
  show();
}

/** Words need somebody to hear them: the room's bar, which is live, says why there is nobody. The dock itself is never swapped. */
function admit() {
  const bar = /** @type {HTMLElement | null} */ (document.querySelector("[data-say-reason]"));
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".dock [data-on-air]"))) {
    if (!bar || !isAllowed(button)) continue;
    const reason = bar.dataset.sayReason && (button.dataset.offReason ?? bar.dataset.sayReason);
    if (reason) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
    button.dataset.reason = button.title = reason;
  }
}

document.addEventListener("live:swap", admit);
admit();
for (const form of document.querySelectorAll("form[data-dock]")) start(/** @type {HTMLFormElement} */ (form));
