// Opening the day: whoever is said to be here takes the next place in the order of coming, and loses it again.

const places = (form) => [...form.querySelectorAll("[name=place]")];
const presence = (row) => row.querySelector("[name=presence]");
const place = (row) => row.querySelector("[name=place]");

// Before the page asks: nobody here is more often forgotten than true.
addEventListener(
  "submit",
  ({ target: form }) => {
    if (!form.matches(".opening")) return;
    const here = [...form.querySelectorAll("[name=presence]")].some((one) => one.value === "here");
    if (here) delete form.dataset.confirm;
    else form.dataset.confirm = form.dataset.confirmEmpty;
  },
  true,
);

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-order-of-coming]");
  const row = event.target.closest("tr");
  if (!form || !row) return;
  if (event.target === presence(row)) {
    const last = Math.max(0, ...places(form).map((one) => Number(one.value) || 0));
    if (presence(row).value !== "here") place(row).value = "";
    else if (!place(row).value) place(row).value = String(last + 1);
  } else if (event.target === place(row)) {
    if (place(row).value) presence(row).value = "here";
    else if (presence(row).value === "here") presence(row).value = "later";
  }
});
