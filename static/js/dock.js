// The say dock: what is written, what it answers, and whether anybody can hear it. draft.js keeps the words.
import { isAllowed } from "./actions.js";
import { send } from "./csrf.js";
import { startDraft } from "./draft.js";
import { serverNow, wallTime } from "./freshness.js";
import { heardAt, outlookOf } from "./outlook.js";
import { parse } from "./regions.js";
import { airtime } from "./speech.js";
import { fill, say, text } from "./texts.js";

const LINT_AFTER = 120; // ms without a key

/** @param {HTMLFormElement} form */
function start(form) {
  let written = "";
  let linted = "";
  let linting = 0;
  const draft = startDraft(form, {
    shelf: `draft:${form.dataset.team}:${form.dataset.room}`,
    own: { answers: "", about: "" },
    show,
    sent: () => open(false), // on phones the queue it went to is below
    back: () => open(true),
  });

  /** @param {import("./draft.js").Words} words */
  function show(words) {
    const context = /** @type {HTMLElement | null} */ (form.querySelector("[data-dock-answers]"));
    if (context) context.hidden = !words.answers;
    say(form.querySelector("[data-dock-about]"), words.about);
    const limit = Number(form.dataset.limit || 0);
    const count = [...words.text].length;
    const counter = form.querySelector("[data-dock-count]");
    say(counter?.querySelector("b"), String(count));
    counter?.toggleAttribute("data-over", Boolean(limit && count > limit));
    written = words.text;
    foresee();
    lint();
  }

  /** How long the words take, and in how many seconds each button would have them heard. */
  function foresee() {
    const room = outlookOf(form.dataset.room ?? "");
    const words = written.trim();
    const length = /** @type {HTMLElement | null} */ (form.querySelector("[data-dock-airtime]"));
    const ends = /** @type {HTMLElement | null} */ (form.querySelector("[data-dock-clock]"));
    if (length) length.hidden = !words;
    if (room && words) say(form.querySelector("[data-dock-seconds]"), text("seconds", { n: Math.max(1, Math.round(airtime(words, room.pace))) }));
    const now = serverNow();
    const afterUndo = now + 1000 * Number(form.dataset.undoS || 0); // what cuts has no undo window
    for (const slot of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-heard-in]"))) {
      const mode = slot.dataset.heardIn ?? "";
      const wait = room?.isOpen && words ? heardAt(room, mode, mode === "now" ? now : afterUndo) - now : null;
      say(slot, wait === null ? "" : `≈ ${text("seconds", { n: wait < 9950 ? (wait / 1000).toFixed(1) : Math.round(wait / 1000) })}`);
    }
    if (!ends) return;
    ends.hidden = !(room?.isOpen && words);
    if (room && !ends.hidden) say(ends, fill(ends.dataset.t, { time: wallTime(heardAt(room, "append", afterUndo), document.getElementById("beat")?.dataset.zone) }));
  }

  /** What the server's lint says of the draft, once the hand rests: help only, the press is judged anew. */
  function lint() {
    clearTimeout(linting);
    const slot = form.querySelector("[data-dock-lint]");
    const words = written;
    const sends = /** @type {HTMLElement | null} */ (form.querySelector("[data-action][name=mode]"));
    if (!slot || !form.dataset.lint || words === linted || !sends || !isAllowed(sends)) return;
    if (!words.trim()) {
      linted = words;
      return slot.replaceChildren();
    }
    linting = setTimeout(async () => {
      const body = new FormData();
      body.set("text", words);
      const answer = await send(form.dataset.lint ?? "", { method: "POST", body, headers: { "HX-Request": "true" } }).catch(() => null);
      if (!answer?.ok || written !== words) return;
      linted = words;
      const html = (await answer.text()).trim();
      if (slot.innerHTML.trim() !== html) slot.replaceChildren(...parse(`<div>${html}</div>`)[0].childNodes);
    }, LINT_AFTER);
  }

  setInterval(foresee, 250);
  document.addEventListener("live:swap", foresee);
  document.addEventListener("dock:compose", (event) => {
    const there = draft.words.text.trim();
    draft.write(there ? `${draft.words.text}\n${event.detail.text}` : event.detail.text); // what was typed stays
    open(true);
  });

  form.addEventListener("click", (event) => {
    if (event.target.closest("[data-dock-unlink]")) draft.change({ answers: "", about: "" });
  });
  document.addEventListener("click", (event) => {
    const answer = event.target.closest?.("[data-answer]"); // a question: <button data-answer="91" data-about="Anna: 多少钱？">
    if (answer && answer.getAttribute("aria-disabled") !== "true") {
      draft.change({ answers: answer.dataset.answer, about: answer.dataset.about ?? "" });
      open(true);
    }
    if (event.target.closest?.("[data-dock-open]")) open(true);
    if (event.target.closest?.("[data-dock-close]")) open(false);
  });

  /** @param {boolean} yes on phones the composer is folded away */
  function open(yes) {
    form.closest(".dock")?.toggleAttribute("data-open", yes);
    if (yes) /** @type {HTMLElement} */ (form.elements.namedItem("text")).focus();
  }
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
