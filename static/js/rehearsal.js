// While a rehearsal runs in this room the tab says so too: its title, its icon and the frame of the page (rehearsal.css).
const slot = document.getElementById("rehearsal-strip");
const icon = /** @type {HTMLLinkElement | null} */ (document.querySelector("link[data-rehearsal-icon]"));

if (slot && icon) {
  const plain = { title: document.title, icon: icon.href };
  const show = () => {
    const word = /** @type {HTMLElement | null} */ (slot.querySelector("[data-rehearsal-word]"))?.dataset.rehearsalWord;
    const title = word ? `${word} · ${plain.title}` : plain.title;
    const href = word ? icon.dataset.rehearsalIcon : plain.icon;
    if (document.title !== title) document.title = title;
    if (icon.getAttribute("href") !== href) icon.href = href;
    document.body.toggleAttribute("data-rehearsal", Boolean(word));
  };
  new MutationObserver(show).observe(slot, { childList: true, subtree: true });
}

// The form of faults shows the one number that the chosen kind takes, in its own unit.
const kind = /** @type {HTMLSelectElement | null} */ (document.querySelector("[data-fault-kind]"));

if (kind) {
  const form = kind.form;
  const show = () => {
    for (const help of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-fault-help]"))) help.hidden = help.dataset.faultHelp !== kind.value;
    const chosen = /** @type {HTMLElement} */ (form.querySelector(`[data-fault-help="${CSS.escape(kind.value)}"]`));
    form.querySelector("[data-fault-value]").hidden = !chosen.dataset.unit;
    form.querySelector("[data-fault-unit]").textContent = chosen.dataset.unit;
    form.querySelector("[data-fault-value] input").placeholder = chosen.dataset.usual;
    form.querySelector("[data-fault-span]").hidden = chosen.dataset.instant === "true";
  };
  kind.addEventListener("change", show);
  show();
}
