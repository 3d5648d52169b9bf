// What somebody has unfolded stays unfolded when the region around it is drawn anew.

const unfolded = new Set();

document.addEventListener("htmx:beforeSwap", (event) => {
  unfolded.clear();
  for (const one of event.detail.target?.querySelectorAll("details[data-stays-open][open]") ?? []) unfolded.add(one.id);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  unfolded.clear();
});
