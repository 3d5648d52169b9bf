// The page of a treatment: after one dose the form is ready for the next site, and nothing that is being typed is lost.

// Not randomUUID: that is there on encrypted pages alone.
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form[data-clears]");
  if (!form) return;
  // A dose that was noted is noted; one that nobody answered keeps its key, so that it is noted once.
  if (event.detail.successful || event.detail.xhr.status === 409) form.elements.namedItem("request_key").value = newKey();
  if (!event.detail.successful) return;
  for (const name of ["dose", "site"]) {
    const field = form.elements.namedItem(name);
    if (field) field.value = "";
  }
  form.elements.namedItem("dose")?.focus();
});

// --- what stands in a field and is not sent yet outlives whatever is drawn anew around it ---

const work = () => document.getElementById("treatment-work");
const touched = (field) =>
  field.matches("select")
    ? field.selectedIndex !== Math.max(0, [...field.options].findLastIndex((option) => option.defaultSelected))
    : field.value !== field.defaultValue;
// By the ids of fields and of what they are folded up in.
const typed = new Map();
const unfolded = new Set();

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig, shouldSwap } = event.detail;
  if (!target || target !== work() || !shouldSwap) return;
  const sent = requestConfig?.verb === "post" ? requestConfig.elt : null;
  const stays = (element) => !sent?.contains(element) && !element.closest("details.menu");
  typed.clear();
  unfolded.clear();
  for (const field of target.querySelectorAll(":is(input:not([type=hidden], [type=checkbox], [type=radio]), select, textarea)[id]")) {
    if (stays(field) && touched(field)) typed.set(field.id, field.value);
  }
  for (const fold of target.querySelectorAll("details[id][open]")) if (!fold.contains(sent)) unfolded.add(fold.id);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const [id, value] of typed) {
    const field = document.getElementById(id);
    if (!field || (field.matches("select") && ![...field.options].some((option) => option.value === value))) continue;
    field.value = value;
  }
  for (const id of unfolded) {
    const fold = document.getElementById(id);
    if (fold) fold.open = true;
  }
  typed.clear();
  unfolded.clear();
});
