// The lists of a department's desk redraw themselves, but not under an open menu, nor under a list of treatments somebody
// stands in. What was chosen for a visitor who is not taken in yet stays chosen in the lists as they are drawn anew.

const day = () => document.getElementById("desk-day");
const lists = () => [...(day()?.querySelectorAll("select") ?? [])];
const held = () => Boolean(day()?.querySelector("details.menu[open]")) || lists().includes(document.activeElement);

function holds() {
  if (!held()) return false;
  day().dataset.behind = "";
  return true;
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt === day() && holds()) event.preventDefault();
});

// By the id of its list, which names the visit.
const chosen = new Map();

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig } = event.detail;
  if (!target || target !== day()) return;
  if (requestConfig?.elt === target && holds()) {
    event.detail.shouldSwap = false;
    return;
  }
  chosen.clear();
  for (const list of lists()) if (list.selectedIndex > 0) chosen.set(list.id, list.value);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const list of lists()) {
    const value = chosen.get(list.id);
    if ([...list.options].some((option) => option.value === value)) list.value = value;
  }
  chosen.clear();
});

function catchUp() {
  if (!day() || !("behind" in day().dataset) || held()) return;
  delete day().dataset.behind;
  htmx.trigger(day(), "catch-up");
}

document.addEventListener("toggle", catchUp, true);
document.addEventListener("focusout", () => setTimeout(catchUp));
