// The say dock: what is written, what it answers, and whether anybody can hear it. draft.js keeps the words.
import { isAllowed } from "./actions.js";
import { startDraft } from "./draft.js";
import { say, text } from "./texts.js";

/** @param {HTMLFormElement} form */
function start(form) {
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
    say(form.querySelector("[data-dock-seconds]"), text("seconds", { n: Math.ceil(count / Number(form.dataset.charsPerSecond || 4.5)) }));
  }

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
