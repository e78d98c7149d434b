// The editor of a running script: paragraphs are moved, added and taken out here; what counts is decided by the server, which
// shows the difference first. While somebody types, the script goes on: a paragraph that is spoken is locked under the hand.

/** @param {HTMLFormElement} form */
function start(form) {
  const list = /** @type {HTMLElement} */ (form.querySelector("[data-lines]"));
  const pattern = /** @type {HTMLTemplateElement} */ (document.getElementById("line-pattern"));
  const words = /** @type {HTMLElement} */ (document.querySelector("[data-script-words]"));
  const lines = () => /** @type {HTMLElement[]} */ ([...list.children]);
  /** @param {Element} line @param {string} name */
  const input = (line, name) => /** @type {HTMLInputElement} */ (line.querySelector(`[name=${name}]`));

  function number() {
    lines().forEach((line, at) => (line.querySelector("[data-line-no]").textContent = String(at + 1)));
    stale();
  }

  /** What was shown as the difference is no more what would be sent. */
  function stale() {
    form.querySelector("#difference")?.replaceChildren();
  }

  /** A new paragraph belongs to the scene of the one above. @param {HTMLElement | null} above */
  function insert(above) {
    const line = /** @type {HTMLElement} */ (pattern.content.firstElementChild.cloneNode(true));
    if (above) {
      input(line, "scene").value = input(above, "scene").value;
      above.after(line);
    } else list.append(line);
    number();
    input(line, "text").focus();
  }

  /** Past a paragraph of another scene it comes into that scene. @param {HTMLElement} line @param {number} step @param {HTMLElement} button */
  function move(line, step, button) {
    const other = /** @type {HTMLElement | null} */ (step < 0 ? line.previousElementSibling : line.nextElementSibling);
    if (!other || other.hasAttribute("data-placed")) return;
    input(line, "scene").value = input(other, "scene").value;
    if (step < 0) other.before(line);
    else other.after(line);
    number();
    button.focus();
  }

  /** @param {HTMLElement} line */
  function remove(line) {
    const next = /** @type {HTMLElement | null} */ (line.nextElementSibling ?? line.previousElementSibling);
    line.remove();
    number();
    /** @type {HTMLElement | null} */ (next?.querySelector("textarea"))?.focus();
  }

  list.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement | null} */ (event.target.closest?.("button"));
    const line = /** @type {HTMLElement | null} */ (button?.closest("[data-line]"));
    if (!button || !line) return;
    if (button.dataset.lineMove) move(line, Number(button.dataset.lineMove), button);
    else if ("lineInsert" in button.dataset) insert(line);
    else if ("lineRemove" in button.dataset) remove(line);
  });
  form.querySelector("[data-line-add]")?.addEventListener("click", () => insert(lines().at(-1) ?? null));
  list.addEventListener("input", stale);
  form.addEventListener("submit", (event) => event.preventDefault()); // Enter in no field sends: htmx does, from its buttons

  /** The script panel beside is live: what is being spoken can't be changed, and what this loop is past keeps its place.
   * Where the script loops, both are let go of again. */
  function follow() {
    const panel = /** @type {HTMLElement | null} */ (document.querySelector(".p-script[data-locked-through]"));
    if (!panel) return;
    const through = Number(panel.dataset.lockedThrough);
    const spoken = (panel.dataset.spoken ?? "").split(" ").map(Number);
    const loops = "loops" in panel.dataset;
    for (const line of lines()) {
      const own = Number(line.dataset.number || 0);
      if (!own) continue;
      const speaks = spoken.includes(own);
      const past = own <= through;
      if (!loops && line.hasAttribute("data-locked")) continue;
      const said = loops ? words.dataset.again : words.dataset.spoken;
      mark(line, speaks || (past && !loops), speaks || past, speaks ? words.dataset.waits : past ? said : "");
    }
  }

  /** @param {HTMLElement} line @param {boolean} locked @param {boolean} placed @param {string} why */
  function mark(line, locked, placed, why) {
    if (line.hasAttribute("data-locked") === locked && line.hasAttribute("data-placed") === placed) return;
    line.toggleAttribute("data-locked", locked);
    line.toggleAttribute("data-placed", placed);
    input(line, "text").readOnly = locked;
    const told = /** @type {HTMLElement} */ (line.querySelector("[data-line-why]"));
    told.textContent = why;
    told.hidden = !why;
    /** @type {HTMLElement} */ (line.querySelector(".edit-acts")).hidden = placed;
  }
  document.addEventListener("live:swap", follow);
}

for (const form of document.querySelectorAll("form[data-script-edit]")) start(/** @type {HTMLFormElement} */ (form));
