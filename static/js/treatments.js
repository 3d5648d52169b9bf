// The page of a treatment: after one dose the form is ready for the next site, with drug and batch as they were.

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form[data-clears]");
  if (!form || !event.detail.successful) return;
  for (const name of ["dose", "site"]) {
    const field = form.elements.namedItem(name);
    if (field) field.value = "";
  }
  form.elements.namedItem("dose")?.focus();
});
