// <form data-unsent>: what was typed in it and not sent is not left without the browser's own question. A draft that is kept
// asks nothing (draft.js); these are long forms, whose fields stand for what somebody else may change meanwhile.
// data-unsent="typed": what stands here came back refused, so it is nowhere else.
const FREE = "input:not([type=hidden], [type=submit], [type=button]), textarea, select";

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Field */

/** @param {Field} field @param {boolean} first as the page came, else as it is now */
function valueOf(field, first) {
  if (field instanceof HTMLSelectElement) {
    const chosen = [...field.options].filter((one) => (first ? one.defaultSelected : one.selected));
    return chosen.length || field.multiple ? chosen.map((one) => one.value).join() : (field.options[0]?.value ?? "");
  }
  if (field instanceof HTMLInputElement && ["checkbox", "radio"].includes(field.type))
    return (first ? field.defaultChecked : field.checked) ? field.value : "";
  return first ? field.defaultValue : field.value;
}

/** All that it says, in its order; what is empty says nothing. @param {HTMLFormElement} form @param {boolean} first */
function said(form, first) {
  const fields = /** @type {Field[]} */ ([...form.querySelectorAll(FREE)]).filter((field) => field.name && !field.closest("[data-unsent-aside]"));
  return JSON.stringify(fields.map((field) => [field.name, valueOf(field, first)]).filter(([, value]) => value.trim()));
}

/** @param {HTMLFormElement} form */
function start(form) {
  const before = form.dataset.unsent === "typed" ? "" : said(form, true);
  let leaves = false;
  addEventListener("beforeunload", (event) => {
    if (!leaves && said(form, false) !== before) event.preventDefault();
  });
  addEventListener("submit", (event) => {
    if (event.target === form && !event.defaultPrevented) leaves = true;
  });
  document.addEventListener("htmx:after:request", (event) => {
    const { request, response } = event.detail.ctx;
    if (request.form === form && response.headers.has("HX-Redirect")) leaves = true; // the server took it, and leads on
  });
  form.addEventListener("input", () => (leaves = false)); // still here: what was sent did not lead on
  addEventListener("pageshow", () => (leaves = false)); // back from where it led
}

for (const form of document.querySelectorAll("form[data-unsent]")) start(/** @type {HTMLFormElement} */ (form));
