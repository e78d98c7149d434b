// The microphone's panel in the dock: arm, see the level, hold to talk, let go, hear that it was heard. Sound never passes through
// here: the audio thread (capture-worklet.js) hands it to the worker with the socket (talk-line.js).
import { isAllowed } from "./actions.js";
import { send } from "./csrf.js";
import { whose } from "./floor.js";
import { clock, fill, say } from "./texts.js";
import { announce, toast } from "./toast.js";

const HIDDEN = 5000; // ms: a page that nobody sees does not go on speaking
const CONFIRM = 4000;
const LATCH_BY = 56; // px that a finger slides to keep the microphone open
const QUIETEST = -60; // dBFS, the left end of the meter
const TYPED = "textarea, select, [contenteditable=true], input:not([type=checkbox], [type=radio], [type=button], [type=submit])";
const CLICKED = "button, a, summary, [role=button], [role=tab], input";

/** @param {HTMLElement} panel */
function start(panel) {
  const find = (/** @type {string} */ name) => /** @type {HTMLElement} */ (panel.querySelector(`[data-talk-${name}]`));
  const key = /** @type {HTMLButtonElement} */ (find("key"));
  const latch = /** @type {HTMLInputElement} */ (find("latch"));
  const devices = /** @type {HTMLSelectElement} */ (find("device"));
  const level = find("level");
  const bar = /** @type {HTMLElement} */ (level.firstElementChild);
  /** @type {"off" | "arming" | "armed" | "opening" | "open"} */
  let state = "off";
  let pressed = false; // the key, the pointer or the latch holds it open
  let press = ""; // the key of the last press: what is told of one before it must not end it
  let confirmUntil = 0;
  let openSince = 0;
  let shown = ""; // the floor that the words speak of
  let isTold = false; // the server said why; the socket's end adds nothing
  /** @type {{context: AudioContext, node: AudioWorkletNode, stream: MediaStream, source: MediaStreamAudioSourceNode, worker: Worker} | null} */
  let kit = null;

  /** @param {typeof state} next */
  function become(next) {
    state = next;
    panel.dataset.talk = next;
    document.body.dataset.mic = next;
    openSince = next === "open" ? performance.now() : 0;
    name();
    key.setAttribute("aria-pressed", String(next === "open"));
    find("disarm").hidden = next === "off" || next === "arming";
    if (next !== "open") say(find("time"), "");
    if (next === "off") meter(QUIETEST);
    showFloor();
  }

  const isLatched = () => latch.checked || panel.hasAttribute("data-latched");

  /** What the key does now: what is held ends when it is let go, what is latched by another press. */
  function name() {
    const isAsking = state === "armed" && performance.now() < confirmUntil;
    const now = isAsking ? "confirm" : state === "open" && isLatched() ? "latched" : state;
    say(key.querySelector("[data-label]"), key.dataset[`t${now[0].toUpperCase()}${now.slice(1)}`] ?? "");
  }

  /** @param {string | undefined} words @param {boolean} [isBad] */
  function tell(words, isBad = false) {
    say(find("said"), words ?? "");
    panel.toggleAttribute("data-bad", isBad);
    panel.removeAttribute("data-floor");
  }

  /** While this page is not armed it says who has the floor, and offers to ask for it, to take it, or to give it up. */
  function showFloor() {
    const floor = whose();
    find("floor").hidden = state !== "off" || floor.is !== "other";
    find("give").hidden = state !== "off" || floor.is !== "mine";
    const now = `${floor.is} ${floor.name}`;
    if (now === shown || state !== "off") return; // what else was said stands
    shown = now;
    if (floor.is === "free" && !panel.hasAttribute("data-floor")) return;
    if (panel.hasAttribute("data-bad") && !panel.hasAttribute("data-floor")) return; // why one's voice ended says more
    tell(fill({ free: "", mine: panel.dataset.tMine, other: panel.dataset.tTheirs }[floor.is], floor), floor.is === "other");
    panel.toggleAttribute("data-floor", floor.is !== "free"); // until something else is said
  }

  // ------------------------------------------------------------------------------------------------------------- arming

  async function arm() {
    become("arming");
    tell("");
    isTold = false;
    try {
      const { stream, context, node, source } = await capture(devices.value);
      const ticket = await askForTicket();
      if (!ticket) {
        stop({ stream, context, node });
        return become("off");
      }
      const worker = new Worker(new URL("talk-line.js", import.meta.url), { type: "module" });
      kit = { context, node, stream, source, worker };
      worker.addEventListener("message", ({ data }) => heard(data));
      const way = new MessageChannel();
      node.port.postMessage({ line: way.port1 }, [way.port1]);
      worker.postMessage({ sound: way.port2, connect: { ...ticket, language: document.documentElement.lang } }, [way.port2]);
      stream.getAudioTracks()[0].addEventListener("ended", () => disarm(panel.dataset.tUnplugged, true));
      await listDevices();
    } catch (error) {
      become("off");
      tell(panel.dataset[error instanceof DOMException && error.name === "NotAllowedError" ? "tDenied" : "tNone"], true);
    }
  }

  /** @param {string} device */
  async function capture(device) {
    if (!navigator.mediaDevices) throw new DOMException("", "NotFoundError");
    const wanted = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    const stream = await navigator.mediaDevices.getUserMedia({ audio: device ? { ...wanted, deviceId: { exact: device } } : wanted });
    const context = new AudioContext({ latencyHint: "interactive" });
    await context.audioWorklet.addModule(new URL("capture-worklet.js", import.meta.url));
    const node = new AudioWorkletNode(context, "capture", { numberOfInputs: 1, numberOfOutputs: 1, channelCount: 1, channelCountMode: "explicit" });
    node.port.onmessage = ({ data }) => meter(data.level);
    const source = context.createMediaStreamSource(stream);
    source.connect(node).connect(context.destination); // its output is silence: nobody hears themselves
    await context.resume();
    return { stream, context, node, source };
  }

  /** @returns {Promise<{ticket: string, path: string} | null>} null: refused, and said why */
  async function askForTicket() {
    const headers = { Accept: "application/json", "HX-Request": "true", "Idempotency-Key": crypto.randomUUID() };
    const answer = await send(panel.dataset.armUrl, { method: "POST", headers, body: new URLSearchParams() }).catch(() => null);
    if (answer?.ok) return answer.json();
    tell(answer && answer.status < 500 ? await answer.text() : panel.dataset.tNoAnswer, true);
    return null;
  }

  async function listDevices() {
    const found = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === "audioinput" && one.deviceId);
    const chosen = kit?.stream.getAudioTracks()[0].getSettings().deviceId ?? "";
    devices.replaceChildren(...found.map((one) => new Option(one.label || one.deviceId, one.deviceId, false, one.deviceId === chosen)));
    devices.disabled = found.length < 2;
  }

  /** @param {{stream: MediaStream, context: AudioContext, node: AudioWorkletNode}} of */
  function stop(of) {
    of.node.port.postMessage({ over: true });
    of.stream.getTracks().forEach((track) => track.stop());
    of.context.close();
  }

  /** @param {string} [words] @param {boolean} [isBad] */
  function disarm(words, isBad = false) {
    if (!kit) return;
    const { worker } = kit;
    release();
    worker.postMessage({ disarm: true });
    setTimeout(() => worker.terminate(), 500);
    stop(kit);
    kit = null;
    become("off");
    tell(words, isBad);
  }

  // ------------------------------------------------------------------------------------------------------------ talking

  function open() {
    if (pressed || !kit || (state !== "armed" && state !== "opening")) return;
    pressed = true;
    const confirmed = performance.now() < confirmUntil;
    confirmUntil = 0;
    key.classList.remove("btn-armed");
    tell("");
    panel.dataset.dropped = "0";
    press = crypto.randomUUID();
    kit.worker.postMessage({ open: { key: press, confirmed } });
    kit.node.port.postMessage({ gate: press });
    become("opening");
  }

  /** @param {string} [why] */
  function release(why) {
    if (!pressed || !kit) return;
    pressed = false;
    if (why) kit.worker.postMessage({ why });
    kit.node.port.postMessage({ gate: "" });
    if (state !== "armed") become("armed");
    panel.removeAttribute("data-latched");
  }

  /** What the worker passes on. @param {{told?: any, closed?: number, sent?: number}} data */
  function heard({ told, closed, sent }) {
    if (sent !== undefined) panel.dataset.sent = String(sent);
    if (told) act(told);
    if (closed === undefined || !kit) return;
    disarm(isTold ? find("said").textContent : panel.dataset.tLost, true);
  }

  /** @param {{t: string, why: string, press?: string, text?: string, ms?: number, state?: string}} told */
  function act(told) {
    if (told.press !== undefined && told.press !== press && told.t !== "over") return;
    if (told.t === "armed") {
      become("armed");
      tell(panel.dataset.tReady);
    } else if (told.t === "open") {
      if (pressed) become("open");
      announce(panel.dataset.tHears);
      tell(panel.dataset.tHears);
    } else if (told.t === "dropped") {
      panel.dataset.dropped = String(told.ms ?? 0);
      tell(fill(panel.dataset.tDropped, { seconds: ((told.ms ?? 0) / 1000).toFixed(1) }), true);
    } else if (told.t === "ended") {
      release();
      if (told.text) (tell(told.text, true), announce(told.text), (isTold = true));
      else tell(panel.dataset.tEnding);
    } else if (told.t === "over") {
      isTold = false;
      if (state !== "open" && told.text) (tell(told.text, told.state !== "done"), announce(told.text));
      if (told.state === "unknown") toast(told.text ?? "", "warn");
    } else if (told.t === "refused") {
      release();
      if (told.why === "confirm") askAgain();
      isTold = true;
      tell(told.text, true);
      announce(told.text);
    }
  }

  /** D2: what the next press does stands on the key for 4 s. */
  function askAgain() {
    confirmUntil = performance.now() + CONFIRM;
    key.classList.add("btn-armed");
    name();
    setTimeout(() => {
      if (performance.now() < confirmUntil) return;
      key.classList.remove("btn-armed");
      if (state === "armed") become("armed");
    }, CONFIRM + 50);
  }

  /** @param {number} dbfs */
  function meter(dbfs) {
    const part = Math.max(0, Math.min(1, 1 - dbfs / QUIETEST));
    bar.style.inlineSize = `${Math.round(part * 100)}%`;
    level.setAttribute("aria-valuenow", String(Math.round(dbfs)));
    say(find("db"), state === "off" ? "" : `${Math.round(Math.max(dbfs, QUIETEST))} dB`);
    if (openSince) say(find("time"), clock((performance.now() - openSince) / 1000));
  }

  // -------------------------------------------------------------------------------------------------------------- hands

  const isHere = () => panel.checkVisibility() && !document.querySelector("dialog[open]");

  function begin() {
    if (key.getAttribute("aria-disabled") === "true" || !isAllowed(key)) return toast(key.dataset.why || key.dataset.reason || key.title);
    if (state === "off") return void arm();
    if (pressed && isLatched()) return release();
    open();
  }

  let from = 0;
  key.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    key.setPointerCapture(event.pointerId);
    from = event.clientX;
    begin();
  });
  key.addEventListener("pointermove", (event) => {
    // Fingers alone: a mouse that leaves the key and lets go means to end it.
    if (event.pointerType !== "touch" || !pressed || !key.hasPointerCapture(event.pointerId)) return;
    if (Math.abs(event.clientX - from) > LATCH_BY) (panel.setAttribute("data-latched", ""), name());
  });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"])
    key.addEventListener(end, () => isLatched() || release());
  key.addEventListener("contextmenu", (event) => event.preventDefault()); // a long press is talking
  key.addEventListener("click", (event) => event.detail === 0 && toggle()); // by Enter or an assistive tool: press by press
  key.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault(); // held below, not clicked
    if (state === "off" && !event.repeat) begin();
  });

  /** Nothing is held: the first press opens the microphone, the next one closes it. */
  function toggle() {
    if (state === "armed") panel.setAttribute("data-latched", "");
    begin();
  }

  document.addEventListener("keydown", (event) => {
    if (event.key !== " " || event.isComposing || event.ctrlKey || event.altKey || event.metaKey || state === "off" || !isHere()) return;
    const target = /** @type {Element} */ (event.target);
    if (target !== key && target.matches?.(`${TYPED}, ${CLICKED}`)) return;
    event.preventDefault();
    if (!event.repeat) begin();
  });
  document.addEventListener("keyup", (event) => {
    if (event.key === " " && pressed && !isLatched()) (event.preventDefault(), release());
  });
  latch.addEventListener("change", () => (pressed && !isLatched() ? release() : name())); // the hand is on the box: nothing holds the key
  addEventListener("blur", () => isLatched() || release()); // the key comes up elsewhere
  find("disarm").addEventListener("click", () => disarm(""));
  devices.addEventListener("change", async () => {
    if (!kit) return;
    disarm("");
    await arm();
  });
  let hiding = 0;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (document.hidden) hiding = setTimeout(() => release("hidden"), HIDDEN);
  });
  addEventListener("pagehide", () => disarm(""));
  shown = "free ";
  become("off");
  document.addEventListener("live:swap", showFloor);
}

for (const panel of document.querySelectorAll("[data-talk]")) start(/** @type {HTMLElement} */ (panel));
