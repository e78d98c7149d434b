// One WebSocket per page: <body data-live-path="/ws/live" data-topics='{"room:7":418}'>. It only brings; commands are POSTs.
// While it is down the page asks GET /live/regions every 5 s and says so. Nothing here decides what a frame looks like.
import { applyFeed, pauseFeeds } from "./feed.js";
import { heard, setLink } from "./freshness.js";
import { applyRegion, parse, pause, release, removeRegion, seqOf, waitingCount } from "./regions.js";
import { fill, say } from "./texts.js";

const DELAYS = [500, 1000, 2000, 4000, 8000, 10000]; // the last one for ever
const QUIET = 10_000; // a socket without a tick for so long is dead, whatever the browser believes
const POLL = 5000;

const { dataset } = document.body;
/** @type {Record<string, number>} the sequence this page has reached, per topic */
const cursor = JSON.parse(dataset.topics || "{}");
/** @type {WebSocket | null} */
let socket = null;
let tries = 0;
let lastFrame = 0;
let downSince = performance.now();
let retryAt = 0;
let retryTimer = 0;
let stopped = false; // signed out or access taken away: no more tries
let paused = false;
let pollAt = 0;
/** @type {Map<string, Element>} what came with nothing new but numbers and ages, the newest of each: it changes with the page's own second, all at once */
const untilSecond = new Map();
let answered = false; // whether the last asking was: a page that asks in vain does not claim to be asking

function connect() {
  clearTimeout(retryTimer);
  if (socket || stopped) return;
  const url = new URL(dataset.livePath, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const mine = (socket = new WebSocket(url));
  lastFrame = performance.now();
  mine.addEventListener("open", () => mine === socket && up({ op: "hello", topics: cursor, view: dataset.view, language: document.documentElement.lang }));
  mine.addEventListener("message", (event) => mine === socket && receive(JSON.parse(event.data)));
  mine.addEventListener("close", (event) => mine === socket && closed(event.code));
}

/** @param {object} frame */
function up(frame) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

/** @param {number} code */
function closed(code) {
  socket = null;
  downSince ||= performance.now();
  if (code === 4401 || code === 4403) {
    stopped = true;
    banner(code === 4401 ? "signed-out" : "access", true);
    banner("polling", false);
    return changed();
  }
  const delay = code === 1012 && tries === 0 ? 0 : DELAYS[Math.min(tries, DELAYS.length - 1)];
  const wait = code === 1012 && tries === 0 ? Math.random() * 300 : delay * (0.7 + Math.random() * 0.6);
  tries += 1;
  retryAt = performance.now() + wait;
  retryTimer = setTimeout(connect, wait);
  changed();
}

/** @param {any} frame */
function receive(frame) {
  lastFrame = performance.now();
  if (tries || downSince) {
    tries = 0;
    downSince = 0;
    answered = false;
    banner("polling", false);
    changed();
  }
  apply(frame);
}

/** @param {any} frame the same frames whether they come by socket or by polling */
export function apply(frame) {
  if (frame.t === "tick") {
    heard(frame.now, frame.fresh);
    release();
  } else if (frame.t === "state") {
    const fresh = Object.entries(frame.regions ?? {}).flatMap(([id, html]) => parse(/** @type {string} */ (html)).filter((root) => root.id === id));
    for (const root of fresh) if (!root.hasAttribute("data-seq")) root.setAttribute("data-seq", frame.seq);
    if (frame.each_second && !fresh.some(isDoubted)) fresh.forEach(keep);
    // What is asked for its scroll comes first: behind a change the question lays out the page.
    else for (const root of fresh.toSorted((a, b) => Number(a.hasAttribute("data-morph")) - Number(b.hasAttribute("data-morph")))) applyRegion(root);
    for (const id of frame.gone ?? []) {
      untilSecond.delete(id);
      removeRegion(id);
    }
    reach(frame);
  } else if (frame.t === "feed") {
    applyFeed(frame);
    reach(frame);
  } else if (frame.t === "reload") {
    reload(frame.region);
  } else if (frame.t === "denied") {
    delete cursor[frame.topic];
    for (const [id, waits] of untilSecond) if (waits.getAttribute("data-topic") === frame.topic) untilSecond.delete(id);
    for (const region of document.querySelectorAll(`[data-topic="${CSS.escape(frame.topic)}"]`)) {
      region.setAttribute("data-stale", "");
      region.removeAttribute("data-fresh-region"); // an age in it that is still confirmed proves nothing about it any more
    }
    banner("access", true);
  }
  if (paused) banner("paused", true, { n: waitingCount() });
  document.dispatchEvent(new CustomEvent("live:frame", { detail: frame }));
}

/** A new age takes a doubt away, which is more than an age. @param {Element} fresh */
const isDoubted = (fresh) => Boolean(document.getElementById(fresh.id)?.matches("[data-stale], :has([data-stale]), [data-stale] *"));

/** @param {Element} fresh */
function keep(fresh) {
  const before = untilSecond.get(fresh.id);
  if (before && seqOf(fresh) < seqOf(before)) return;
  untilSecond.delete(fresh.id); // at the end: what comes later may lie within what came before
  untilSecond.set(fresh.id, fresh);
}

/** Of the frames of one moment only the last says how far the page is: what came alone is asked for again. @param {{topic: string, seq: number, more?: boolean}} frame */
function reach(frame) {
  if (!frame.more && frame.topic in cursor) cursor[frame.topic] = Math.max(cursor[frame.topic], frame.seq);
}

/** The server has no short way from our number to now: take the region out of the page as it is now. @param {string} [region] */
async function reload(region) {
  const asked = new Map([...document.querySelectorAll("[id][data-seq]")].map((element) => [element.id, seqOf(element)]));
  const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  // What is about a whole list comes with it.
  const along = [...document.querySelectorAll("[data-with-list][id]")].map((element) => element.id);
  for (const id of region ? [region, ...along] : [...document.querySelectorAll("[id][data-seq]")].map((element) => element.id)) {
    const fresh = page.getElementById(id);
    // A list is its rows: the list itself stays, with its size and order, and takes the new ones.
    const parts = fresh?.hasAttribute("data-list-of") ? fresh.children : fresh ? [fresh] : [];
    // What moved while we asked is newer than the answer, and the server believes that it is shown.
    for (const part of parts) applyRegion(document.importNode(part, true), { force: seqOf(document.getElementById(part.id)) === (asked.get(part.id) ?? -1) });
  }
  /** @type {Record<string, number>} */
  const added = {};
  for (const [topic, seq] of Object.entries(JSON.parse(page.body.dataset.topics || "{}"))) {
    if (topic in cursor) cursor[topic] = Math.max(cursor[topic], Number(seq));
    else added[topic] = Number(seq); // a room that is new in this list
  }
  if (Object.keys(added).length) subscribe(added);
}

/** @param {Record<string, number>} topics topic → sequence already on the page */
export function subscribe(topics) {
  Object.assign(cursor, topics);
  up({ op: "sub", topics });
}

/** @param {string[]} topics */
export function unsubscribe(topics) {
  for (const topic of topics) delete cursor[topic];
  up({ op: "unsub", topics });
}

async function poll() {
  pollAt = performance.now() + POLL;
  const url = `${dataset.regionsPath}?view=${dataset.view}&topics=${encodeURIComponent(JSON.stringify(cursor))}`;
  const answer = await fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" } }).catch(() => null);
  if (answer?.status === 401 || answer?.redirected) return closed(4401);
  answered = Boolean(answer?.ok);
  banner("polling", answered && downSince > 0);
  if (!answered || !downSince) return changed();
  for (const frame of await answer.json()) apply(frame);
  changed();
}

function changed() {
  const state = stopped ? "stopped" : !downSince ? "live" : answered ? "polling" : "connecting";
  setLink(state);
  document.dispatchEvent(new CustomEvent("live:state", { detail: { state, retryIn: Math.max(0, retryAt - performance.now()) / 1000 } }));
}

/** @param {string} name @param {boolean} shown @param {Record<string, string | number>} [values] */
export function banner(name, shown, values = {}) {
  const element = document.getElementById(`banner-${name}`);
  if (!element) return;
  if (element.hidden === shown) element.hidden = !shown;
  for (const blank of /** @type {NodeListOf<HTMLElement>} */ (element.querySelectorAll("[data-t]"))) say(blank, fill(blank.dataset.t, values));
}

/** `.` stops every change on this page until it is pressed again. */
function togglePause() {
  paused = !paused;
  banner("paused", paused, { n: 0 });
  pauseFeeds(paused);
  pause(paused);
}

setInterval(() => {
  const now = performance.now();
  if (socket && now - lastFrame > QUIET) {
    const dead = socket;
    closed(1006);
    dead.close();
  }
  if (downSince && !stopped && now - downSince > POLL && now > pollAt) poll();
  if (downSince) changed();
}, 1000);

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-live-retry]")) connect();
  if (event.target.closest?.("[data-live-pause]")) togglePause();
  if (event.target.closest?.("[data-reload]")) location.reload();
});
document.addEventListener("live:second", () => {
  for (const [id, fresh] of untilSecond) {
    untilSecond.delete(id);
    applyRegion(fresh);
  }
});
addEventListener("online", connect);
addEventListener("pageshow", (event) => event.persisted && connect());
if (dataset.livePath) connect();
