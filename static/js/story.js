// A story that is drawn anew while somebody reads it stays where she reads.

const region = (target) => target?.matches?.("[data-story]");
let held = null;

// The first entry that is in sight, and how far from the top it stands.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!region(event.detail.target)) return;
  const entry = [...event.detail.target.querySelectorAll("li[id]")].find((one) => one.getBoundingClientRect().bottom > 0);
  const top = entry?.getBoundingClientRect().top ?? 0;
  // Who has not scrolled yet sees what is new.
  held = entry && event.detail.target.getBoundingClientRect().top < 0 ? { id: entry.id, top } : null;
});
document.addEventListener("htmx:afterSettle", () => {
  const entry = held && document.getElementById(held.id);
  if (entry) scrollBy({ top: entry.getBoundingClientRect().top - held.top, behavior: "instant" });
  held = null;
});
