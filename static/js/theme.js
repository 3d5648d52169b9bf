// Runs before the first paint, so that a dark screen never flashes white.
(() => {
  const root = document.documentElement;
  const night = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const dark = root.dataset.theme === "dark" || (root.dataset.theme === "auto" && night.matches);
    root.dataset.bsTheme = dark ? "dark" : "light";
  };
  apply();
  night.addEventListener("change", apply);
})();
