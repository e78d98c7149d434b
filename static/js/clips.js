// A clip of the library: chosen, heard in the headphones if wanted, and played under a key of its own, so that a choice sent
// twice is one takeover.
import { armFor, busy, done } from "./actions.js";
import { send } from "./csrf.js";
import { applyRegion, parse } from "./regions.js";
import { say, text } from "./texts.js";
import { announce, clearToasts, toastFrom } from "./toast.js";

/** @param {HTMLFormElement} form */
function start(form) {
  const choice = /** @type {HTMLSelectElement} */ (form.elements.namedItem("clip"));
  const key = /** @type {HTMLInputElement} */ (form.elements.namedItem("key"));
  const listen = /** @type {HTMLAudioElement} */ (form.querySelector("[data-clip-listen]"));
  let sending = false;
  /** the clip that came back from its undo window, until the list has it */
  let wanted = "";
  let isFetched = false;

  function chosen() {
    key.value = crypto.randomUUID();
    const { src = "", words = "" } = choice.selectedOptions[0]?.dataset ?? {};
    listen.pause();
    listen.hidden = !src;
    if (src) listen.src = src;
    say(form.querySelector("[data-clip-words]"), words);
    refuse();
  }

  /** @param {string} [html] */
  function refuse(html = "") {
    const box = /** @type {HTMLElement} */ (form.querySelector("[data-dock-error]"));
    const slot = /** @type {HTMLElement} */ (box.querySelector("[data-message]"));
    slot.replaceChildren(...parse(`<div>${html}</div>`)[0].childNodes);
    box.hidden = !html;
    if (html) announce(slot.textContent, true);
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = /** @type {HTMLButtonElement} */ (event.submitter);
    if (sending) return;
    sending = true;
    busy(button);
    refuse();
    const headers = { "HX-Request": "true", Accept: "text/html", "Idempotency-Key": key.value, ...(button.dataset.confirmed ? { "X-Confirmed": "1" } : {}) };
    const answer = await send(form.action, { method: "POST", body: new FormData(form, button), headers }).catch(() => null);
    sending = false;
    done(button);
    if (!answer) return refuse(text("notKnown"));
    const html = await answer.text();
    if (armFor(button, answer.status, answer.headers, html)) return;
    const told = toastFrom(answer.headers);
    if (answer.headers.get("X-Draft-Done") === key.value || answer.status === 409) key.value = crypto.randomUUID();
    if (answer.ok) clearToasts("[data-tone]");
    if (answer.ok) parse(html).forEach((root) => root.id && root.hasAttribute("data-seq") && applyRegion(root));
    else if (answer.status === 422 || answer.status === 409) refuse(html);
    else if (!told) refuse(text("failed", { status: answer.status }));
  });
  /** @param {boolean} [isAll] the list is all there is */
  function reselect(isAll = false) {
    if (!wanted) return;
    const isThere = [...choice.options].some((option) => option.value === wanted);
    if (!isThere && !isAll) return;
    choice.value = isThere ? wanted : "";
    wanted = "";
    chosen();
    choice.focus();
    if (!isThere) refuse(form.dataset.tGone);
  }

  document.addEventListener("draft:back", (event) => { // taken back in its undo window
    const { room, kind, params } = event.detail;
    if (kind !== "audio" || String(room) !== form.dataset.room) return;
    const role = form.elements.namedItem("role");
    if (role instanceof HTMLSelectElement && params.role) role.value = params.role;
    form.closest(".dock")?.setAttribute("data-open", "");
    wanted = String(params.clip ?? "");
    reselect(isFetched);
  });
  choice.addEventListener("htmx:after:swap", () => {
    isFetched = true;
    reselect(true);
  });
  choice.addEventListener("change", chosen);
  chosen();
}

for (const form of document.querySelectorAll("form[data-dock-clip]")) start(/** @type {HTMLFormElement} */ (form));
