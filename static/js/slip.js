// A slip that was sent to the printer goes there once: not again when the page is loaded again.

const slip = document.querySelector("[data-print-now]");
if (slip) {
  history.replaceState(null, "", location.href);
  const [navigation] = performance.getEntriesByType("navigation");
  if (navigation?.type !== "reload") print();
}
