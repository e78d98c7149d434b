// <details data-kept-in="r3-open">: whether it is open stands in the form's hidden field of that name, so that the server
// gives it back open when a press changes the list around it.
document.addEventListener("toggle", (event) => {
  const details = /** @type {HTMLDetailsElement} */ (event.target);
  const name = details.dataset?.keptIn;
  const field = name && details.closest("form")?.elements.namedItem(name);
  if (field instanceof HTMLInputElement) field.value = details.open ? "1" : "";
}, true);
