// A refusal that names its field (X-Field) is said there: the field is marked, described by the sentence, brought into view and
// focused. What is typed into it next takes the sentence away.

/** @param {HTMLElement} field */
function clear(field) {
  const id = field.dataset.refusedBy;
  if (!id) return;
  delete field.dataset.refusedBy;
  document.getElementById(id)?.remove();
  field.removeAttribute("aria-invalid");
  field.closest(".field")?.classList.remove("field-error");
  const others = (field.getAttribute("aria-describedby") ?? "").split(" ").filter((one) => one && one !== id);
  if (others.length) field.setAttribute("aria-describedby", others.join(" "));
  else field.removeAttribute("aria-describedby");
}

/** @param {HTMLElement} field @param {string} sentence */
function mark(field, sentence) {
  clear(field);
  const error = document.createElement("span");
  error.className = "error";
  error.id = `${field.id || /** @type {HTMLInputElement} */ (field).name}_refused`;
  error.textContent = sentence;
  error.setAttribute("role", "alert");
  field.after(error);
  field.dataset.refusedBy = error.id;
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", [field.getAttribute("aria-describedby"), error.id].filter(Boolean).join(" "));
  field.closest(".field")?.classList.add("field-error");
  field.closest("details")?.setAttribute("open", "");
  field.focus();
  field.scrollIntoView({ block: "nearest" });
}

/**
 * Whether the page has the field that the server names, and shows the sentence there.
 * @param {{sourceElement?: Element, text?: string, response: {status: number, headers: Headers}}} ctx of an htmx request
 */
export function refuseAtField(ctx) {
  const form = ctx.sourceElement?.closest?.("form");
  const name = decodeURIComponent(ctx.response.headers.get("X-Field") ?? "");
  if (!form || !name || ctx.response.status !== 422) return false;
  const field = form.elements.namedItem(name);
  if (!(field instanceof HTMLElement) || field.matches("[type=hidden]")) return false;
  const words = document.createElement("template");
  words.innerHTML = ctx.text ?? "";
  mark(field, words.content.textContent.trim());
  return true;
}

document.addEventListener("input", (event) => clear(/** @type {HTMLElement} */ (event.target)));
document.addEventListener("htmx:before:request", (event) => {
  const form = event.detail.ctx.sourceElement?.closest?.("form");
  for (const field of form?.querySelectorAll("[data-refused-by]") ?? []) clear(/** @type {HTMLElement} */ (field));
});
