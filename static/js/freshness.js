// One timer tells the age of everything: facts (.age with data-at), the page itself (ticks of the server), countdowns and
// the clock. Ages are counted by the server's clock, learned from its ticks, so a wrong clock here shows nothing wrong.
import { clock, fill, say, text } from "./texts.js";

const LIMITS = [5, 15, 60]; // live, ageing, stale, lost: docs/screens.md
const NAMES = ["live", "ageing", "stale", "lost"];

const TICKS = 8; // of the last ones the least delayed tells the server's clock
const SET_ANEW = 2000; // ms: our own clock was set, so that what it told before counts no more

let offset = Date.parse(document.body.dataset.now ?? "") - madeAt() || 0;
/** @type {number[]} what each of the last ticks says that our clock is off, in ms: too little by its time on the way */
let told = [];
let heardAt = [performance.now(), Date.now()];
let link = "connecting";
/** @type {Map<string, number>} source ("account:3") → when it last confirmed what it says, by the server's ticks */
const confirmed = new Map();

/** When the server wrote this page, by our own clock: scripts run long after, and what is late would make its clock slow. */
function madeAt() {
  const [page] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
  return page ? performance.timeOrigin + (page.requestStart + page.responseStart) / 2 : Date.now();
}

/** @returns {number} the server's time, in ms */
export const serverNow = () => Date.now() + offset;

/** Seconds since the last tick. The larger of two clocks: the steady one stands still while the machine sleeps. */
const silence = () => Math.max(performance.now() - heardAt[0], Date.now() - heardAt[1]) / 1000;

/** @param {string | number | undefined} value ISO time or ms */
const time = (value) => (/^\d+(\.\d+)?$/.test(String(value)) ? Number(value) : Date.parse(String(value)));

/** A tick: the server lives. @param {string | number} now its time @param {Record<string, number>} [fresh] source → ms */
export function heard(now, fresh = {}) {
  const wasQuiet = silence() > LIMITS[0];
  for (const [source, at] of Object.entries(fresh)) confirmed.set(source, Math.max(at, confirmed.get(source) ?? 0));
  const at = time(now);
  if (!Number.isNaN(at)) {
    const off = at - Date.now();
    told = Math.abs(off - offset) > SET_ANEW ? [off] : [...told, off].slice(-TICKS);
    offset = Math.max(...told);
  }
  heardAt = [performance.now(), Date.now()];
  if (wasQuiet) paintPage(); // else the page's next second tells it: a tick alone is not worth a frame
}

/** @param {string} state live, connecting, polling, stopped */
export function setLink(state) {
  link = state;
  paintPage();
}

/** @param {number} age s @param {number[]} limits */
const nameOf = (age, limits) => NAMES[limits.filter((limit) => age > limit).length];

/** A fact that did not change is no news, but its source goes on saying it. @param {HTMLElement} carrier */
const lastSeen = (carrier) => Math.max(time(carrier.dataset.at), confirmed.get(carrier.dataset.fresh ?? "") ?? 0);

/** @param {Element} element the age itself or what carries its time */
function paintAge(element) {
  const carrier = /** @type {HTMLElement} */ (element);
  const badge = /** @type {HTMLElement} */ (carrier.closest(".age"));
  const age = Math.max(0, (serverNow() - lastSeen(carrier)) / 1000);
  if (Number.isNaN(age)) return;
  const own = /** @type {HTMLElement | null} */ (carrier.closest("[data-limits]"))?.dataset.limits;
  const name = nameOf(age, own ? own.split(",").map(Number) : LIMITS);
  const words = carrier.dataset.form === "clock" || age >= 60 ? clock(age) : text("seconds", { n: Math.floor(age) });
  const pattern = name === "lost" ? badge.dataset.tLost ?? document.body.dataset.tLost : undefined;
  say(carrier, pattern && carrier.dataset.form !== "clock" ? fill(pattern, { age: words }) : words);
  if (badge.dataset.age !== name) badge.dataset.age = name;
  if (badge.hasAttribute("data-quiet")) return; // an age that proves nothing about its surroundings
  carrier.closest("[data-fresh-region]")?.toggleAttribute("data-stale", name === "stale" || name === "lost");
  forget(carrier, name === "lost");
}

/** A lost value is "—"; what it was stays in the tooltip. @param {Element} near @param {boolean} lost */
function forget(near, lost) {
  const value = /** @type {HTMLElement | null} */ (near.closest("[data-fact]")?.querySelector("[data-value]"));
  if (!value || lost === "last" in value.dataset) return;
  if (lost) {
    value.dataset.last = value.title = value.textContent;
    value.textContent = "—";
  } else {
    value.textContent = value.dataset.last;
    value.removeAttribute("title");
    delete value.dataset.last;
  }
}

/** A wait counts up and marks nothing as stale. @param {HTMLElement} element */
function paintWait(element) {
  const since = time(element.dataset.waitSince);
  if (!Number.isNaN(since)) say(element, clock((serverNow() - since) / 1000));
}

/** @param {HTMLElement} element */
function paintCountdown(element) {
  const left = (time(element.dataset.countdownTo) - serverNow()) / 1000;
  if (Number.isNaN(left)) return;
  // The tick's way here makes our clock slow by some milliseconds: three seconds must not begin as four.
  const words = left < 60 && element.dataset.form === "seconds" ? text("seconds", { n: Math.max(0, Math.ceil(left - 0.25)) }) : clock(Math.max(0, left));
  say(element, words);
  element.toggleAttribute("data-over", left <= 0);
}

/** Share of a span of time, e.g. of a sentence being spoken. @param {HTMLProgressElement} bar */
function paintProgress(bar) {
  const [from, to] = [time(bar.dataset.from), time(bar.dataset.to)];
  bar.max = Math.max(1, (to - from) / 1000);
  const gone = Math.min(bar.max, Math.max(0, (serverNow() - from) / 1000));
  bar.value = bar.hasAttribute("data-left") ? bar.max - gone : gone;
}

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @param {number} at @param {string} [zone] */
export function wallTime(at, zone = "") {
  if (!formats.has(zone)) {
    const options = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: zone || undefined };
    formats.set(zone, new Intl.DateTimeFormat("en-GB", /** @type {Intl.DateTimeFormatOptions} */ (options)));
  }
  return formats.get(zone).format(at);
}

/** @param {ParentNode} root itself counts too: its neighbours don't, what ages there is told with the next second */
export function paint(root) {
  const all = (/** @type {string} */ mark) => /** @type {HTMLElement[]} */ ([...(root instanceof Element && root.matches(mark) ? [root] : []), ...root.querySelectorAll(mark)]);
  all(".age[data-at], .age [data-at]").forEach(paintAge);
  all("[data-countdown-to]").forEach(paintCountdown);
  all("[data-wait-since]").forEach(paintWait);
  for (const bar of all("progress[data-from]")) paintProgress(/** @type {HTMLProgressElement} */ (bar));
  for (const element of all("[data-clock]")) say(element, wallTime(serverNow(), element.dataset.zone));
}

/** The chip and the banner of the page itself: they work when the server does not answer. */
function paintPage() {
  const beat = /** @type {HTMLElement | null} */ (document.getElementById("beat"));
  if (!beat) return;
  const quiet = silence();
  const old = quiet > LIMITS[1];
  const open = link === "polling" && quiet <= 2 * LIMITS[0] ? "polling" : quiet <= LIMITS[0] ? "live" : "reconnecting";
  const state = link === "stopped" ? "stopped" : open;
  const age = quiet < 60 ? text("seconds", { n: quiet < 10 ? quiet.toFixed(1) : Math.floor(quiet) }) : clock(quiet);
  beat.dataset.age = { live: "live", polling: "ageing" }[state] ?? "stale";
  say(beat.querySelector("b"), fill(beat.dataset["t" + state[0].toUpperCase() + state.slice(1)], { age }));
  document.documentElement.toggleAttribute("data-stale", old);
  const banner = document.getElementById("banner-old");
  if (!banner) return;
  banner.hidden = !old;
  if (old) {
    const since = wallTime(serverNow() - quiet * 1000, beat.dataset.zone);
    for (const blank of /** @type {NodeListOf<HTMLElement>} */ (banner.querySelectorAll("[data-t]"))) say(blank, fill(blank.dataset.t, { age, time: since }));
  }
}

/** What waited for the ages (`live:second`) is there before they are told: the page is laid out and painted once for both. */
function everySecond() {
  document.dispatchEvent(new CustomEvent("live:second"));
  paint(document);
  if (document.body.dataset.livePath) paintPage();
}

document.addEventListener("live:swap", (event) => paint(event.detail.root));
document.addEventListener("visibilitychange", everySecond);
setInterval(everySecond, 1000);
everySecond();
