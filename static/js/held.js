// On a phone the queue lies far below the dock, and three seconds are short: what this person just said and can still take back
// stands in the dock as well, with the button that takes it back. The item of the queue stays the one that acts.
import { serverNow } from "./freshness.js";
import { say, text } from "./texts.js";

const TICK = 250; // ms
const line = /** @type {HTMLElement | null} */ (document.querySelector("[data-held]"));

/** The latest of mine in its undo window. @returns {HTMLElement | undefined} */
const mine = () =>
  [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(`.q[data-state=held][data-by="${document.body.dataset.person}"]`))]
    .filter((item) => item.querySelector("[data-undo]"))
    .at(-1);

function show() {
  const item = mine();
  const isUnderHand = Boolean(line?.contains(document.activeElement));
  line.hidden = !item;
  if (!item) {
    if (isUnderHand) /** @type {HTMLElement | null} */ (document.querySelector("[data-dock-open]"))?.focus();
    return;
  }
  say(line.querySelector("[data-held-words]"), item.querySelector(".q-text")?.textContent ?? "");
  const until = Date.parse(item.querySelector("[data-countdown-to]")?.getAttribute("data-countdown-to") ?? "");
  say(line.querySelector("[data-held-left]"), until ? text("seconds", { n: Math.max(0, Math.ceil((until - serverNow()) / 1000)) }) : "");
}

if (line) {
  line.querySelector("[data-held-undo]").addEventListener("click", () => /** @type {HTMLElement | null | undefined} */ (mine()?.querySelector("[data-undo]"))?.click());
  document.addEventListener("live:swap", show);
  setInterval(show, TICK);
  show();
}
