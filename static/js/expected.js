// Who was announced: her projects and her agent are filled in where the clerk has not said otherwise.

function fill(form) {
  const projects = form.querySelector(".expected")?.dataset.projects;
  const picked = form.querySelector('input[name="projects"]');
  if (projects && picked && !picked.value) {
    picked.value = projects;
    picked.closest("[data-picker]").dispatchEvent(new Event("picker-set"));
  }
  const agent = form.querySelector("[data-announced-by]")?.dataset.announcedBy;
  const announced = form.querySelector('select[name="announced_by"]');
  if (agent && announced && !announced.value && [...announced.options].some((option) => option.value === agent)) {
    announced.value = agent;
  }
}

document.addEventListener("htmx:afterSwap", (event) => {
  const form = event.target.closest?.("#arrival-form");
  if (form && event.target.matches("#expected-of-phone, [data-claims]")) fill(form);
});
