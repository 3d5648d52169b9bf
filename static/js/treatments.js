// The page of a treatment: after one dose the form is ready for the next site, with drug and batch as they were.

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
