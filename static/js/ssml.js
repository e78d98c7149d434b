// Marked-up words: the buttons wrap what is selected, the server reads it while it is typed, and each fault leads to its place.
import { send } from "./csrf.js";
import { startDraft } from "./draft.js";
import { parse } from "./regions.js";
import { announce } from "./toast.js";

const PAUSE = 150; // ms without a key: then it is read
const EMPTY = new Set(["break", "insert-action"]);
const SENTENCE_END = /[。！？!?；;.…\n]/;

const escape = (/** @type {string} */ words) => words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const quote = (/** @type {string} */ value) => `"${escape(value).replaceAll('"', "&quot;")}"`;

const WHOLE = /^\s*<speak>([\s\S]*)<\/speak>\s*$/;

/** Two whole texts stay one: there is one root. @param {string} before @param {string} typed */
function join(before, typed) {
  const [first, second] = [before, typed].map((words) => WHOLE.exec(words)?.[1]);
  return first === undefined || second === undefined ? `${before}\n${typed}` : `<speak>${first}\n${second}</speak>`;
}

/** @param {HTMLFormElement} form */
function start(form) {
  const field = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("text"));
  const heard = /** @type {HTMLElement} */ (form.querySelector("[data-ssml-heard]"));
  const nothing = heard.innerHTML;
  let timer = 0;
  let number = 0;
  /** where the caret was when a tool was opened: a press takes the focus away */
  let selected = [0, 0];
  const draft = startDraft(form, {
    shelf: `ssml:${form.dataset.team}:${form.dataset.room}`,
    kind: "ssml",
    show: later,
    sent: () => open(false),
    back: () => open(true),
    join,
  });

  /** @param {boolean} yes on phones the composer is folded away */
  function open(yes) {
    form.closest(".dock")?.toggleAttribute("data-open", yes);
    if (yes) field.focus();
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(read, PAUSE);
  }

  async function read() {
    const mine = ++number;
    if (!field.value.trim()) return void (heard.innerHTML = nothing);
    const body = new FormData();
    body.set("text", field.value);
    const answer = await send(form.dataset.readUrl ?? "", { method: "POST", body, headers: { "HX-Request": "true" } }).catch(() => null);
    const html = answer?.ok ? await answer.text() : "";
    if (mine !== number) return; // it was typed on meanwhile
    const before = heard.querySelector(".ssml-faults")?.textContent ?? "";
    if (html) heard.replaceChildren(...parse(`<div>${html}</div>`)[0].childNodes);
    else heard.textContent = heard.dataset.tAway ?? "";
    const faults = heard.querySelector(".ssml-faults")?.textContent ?? "";
    field.setAttribute("aria-invalid", String(Boolean(faults)));
    if (faults && faults !== before) announce(faults);
  }

  /** Replaces a part as typing does: it can be taken back with Ctrl+Z. @param {number} from @param {number} to @param {string} words @param {number} caret */
  function put(from, to, words, caret) {
    field.focus();
    field.setSelectionRange(from, to);
    if (!document.execCommand("insertText", false, words)) {
      field.setRangeText(words, from, to, "end");
      draft.write(field.value);
    }
    field.setSelectionRange(caret, caret);
  }

  /** Everything stands between <speak> and </speak>: what was typed as plain words is put there first. */
  function root() {
    if (/^\s*<(speak|speake|speack)[\s>]/.test(field.value) || /^\s*<[?!]/.test(field.value)) return;
    const [from, to] = selected;
    const [before, within, after] = [field.value.slice(0, from), field.value.slice(from, to), field.value.slice(to)].map(escape);
    put(0, field.value.length, `<speak>${before}${within}${after}</speak>`, 0);
    selected = [7 + before.length, 7 + before.length + within.length];
  }

  /** @param {HTMLElement} tool */
  function apply(tool) {
    const tag = tool.dataset.ssmlTool ?? "";
    const inputs = /** @type {(HTMLInputElement | HTMLSelectElement)[]} */ ([...tool.querySelectorAll("[data-of]")]);
    const wrong = inputs.find((input) => !input.checkValidity());
    if (wrong) return void wrong.reportValidity();
    const attributes = inputs
      .filter((input) => input.value.trim())
      .map((input) => ` ${input.dataset.of}=${quote(input.value.trim() + (input.dataset.unit ?? ""))}`)
      .join("");
    tool.removeAttribute("open");
    root();
    let [from, to] = selected;
    if (tag === "emotion") [from, to] = sentences(from, to);
    if (EMPTY.has(tag)) return put(to, to, `<${tag}${attributes}/>`, to + tag.length + attributes.length + 3);
    const opening = `<${tag}${attributes}>`;
    const inside = field.value.slice(from, to);
    const end = from + opening.length + inside.length;
    put(from, to, `${opening}${inside}</${tag}>`, inside ? end + tag.length + 3 : end);
  }

  /** An emotion counts for whole sentences: the selection grows to their ends. @param {number} from @param {number} to */
  function sentences(from, to) {
    const words = field.value;
    while (from > 0 && !SENTENCE_END.test(words[from - 1]) && words[from - 1] !== ">") from -= 1;
    while (to < words.length && words[to] !== "<" && !(to > from && SENTENCE_END.test(words[to - 1]))) to += 1;
    return [from, to];
  }

  for (const name of ["keyup", "pointerup", "select", "input", "blur"]) {
    field.addEventListener(name, () => (selected = [field.selectionStart, field.selectionEnd]));
  }
  form.addEventListener("click", (event) => {
    const tool = event.target.closest("[data-ssml-put]") && event.target.closest("[data-ssml-tool]");
    if (tool) return apply(tool);
    const place = event.target.closest("[data-ssml-goto]");
    if (!place) return;
    const offset = Math.min(Number(place.dataset.ssmlGoto), field.value.length);
    field.focus();
    field.setSelectionRange(offset, offset);
  });
  form.addEventListener("keydown", (event) => {
    const tool = event.target.closest("[data-ssml-tool]");
    if (event.key !== "Enter" || !tool || event.target.matches("summary, button")) return;
    event.preventDefault(); // in a tool, Enter puts the tag in and sends nothing
    if (!event.isComposing && event.keyCode !== 229) apply(tool);
  });
  form.addEventListener("toggle", (event) => {
    const tool = /** @type {HTMLDetailsElement} */ (event.target);
    if (tool.matches?.("[data-ssml-tool][open]")) /** @type {HTMLElement | null} */ (tool.querySelector("[data-of]"))?.focus();
  }, true);
}

for (const form of document.querySelectorAll("form[data-dock-ssml]")) start(/** @type {HTMLFormElement} */ (form));
