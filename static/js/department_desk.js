// The lists of a department's desk redraw themselves, but not under an open menu, nor while somebody chooses a treatment.

const day = () => document.getElementById("desk-day");
const held = () => day()?.querySelector("details.menu[open]") ?? document.activeElement?.closest?.("#desk-day select");

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt !== day() || !held()) return;
  event.preventDefault();
  day().dataset.behind = "";
});

function catchUp() {
  if (!day() || !("behind" in day().dataset) || held()) return;
  delete day().dataset.behind;
  htmx.trigger(day(), "catch-up");
}

document.addEventListener("toggle", catchUp, true);
document.addEventListener("focusout", () => setTimeout(catchUp));
