// The takeovers' page is narrowed by its address; what the socket brings of other rooms, people or states leaves at once. An
// item that stops fitting while the hand is on its list keeps its place until the hand has left (lists.js).
const section = document.querySelector("#takeovers[data-picks]");
const GROUPS = { open: ["approval", "unknown", "speaking", "queued"], approval: ["approval"], speaking: ["speaking"], queued: ["queued"], unknown: ["unknown"] };

/** @param {HTMLElement} row */
function fits(row) {
  const { onlyShow, onlyCode, onlyPerson, onlySource } = /** @type {HTMLElement} */ (section).dataset;
  const groups = GROUPS[onlyShow];
  if (groups && !groups.includes(row.dataset.group)) return false;
  return (!onlyCode || row.dataset.code === onlyCode) && (!onlyPerson || row.dataset.person === onlyPerson) && (!onlySource || row.dataset.source === onlySource);
}

if (section) {
  document.addEventListener("live:swap", (event) => {
    const { root } = event.detail;
    if (root.matches?.(".tk") && section.contains(root) && !fits(root)) queueMicrotask(() => root.dispatchEvent(new CustomEvent("live:drop", { bubbles: true })));
  });
}
for (const form of document.querySelectorAll("form[data-filter]")) {
  form.addEventListener("change", () => /** @type {HTMLFormElement} */ (form).requestSubmit());
}
