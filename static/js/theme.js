// Classic script in <head>: the saved theme is there before the first paint. Follows the system until pressed.
(() => {
  const root = document.documentElement;
  const read = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // storage may be forbidden; then the system decides
    }
  };
  const apply = (theme) => (theme ? (root.dataset.theme = theme) : delete root.dataset.theme);
  apply(read());
  addEventListener("storage", (event) => event.key === "theme" && apply(event.newValue));
  addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-theme-toggle]")) return;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    const next = dark ? "light" : "dark";
    apply(next);
    try {
      localStorage.setItem("theme", next);
    } catch {
      // remembered for this page only
    }
  });
})();
