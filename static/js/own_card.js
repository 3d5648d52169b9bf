// The card a visitor fills in herself. What is typed stays in this page and, on a phone, in this tab until it is sent.

const { body } = document;
const kiosk = body.dataset.kiosk;
const trouble = document.getElementById("own-trouble");

function focusNext(within) {
  const places = [...within.querySelectorAll("[data-focus]")];
  (places.find((place) => place.matches(".error-summary")) ?? places[0])?.focus();
}

// --- a phone that reloads the page has what was typed still there ---

const kept = `own-card:${location.pathname}`;
const fields = () => [...document.querySelectorAll("#own-form :is(input, select, textarea)[name]")].filter((field) => field.type !== "hidden");

function keep() {
  const values = fields().map((field) => [field.name, field.type, field.value, field.checked]);
  if (values.length) sessionStorage.setItem(kept, JSON.stringify(values));
}

function restore() {
  for (const [name, type, value, checked] of JSON.parse(sessionStorage.getItem(kept) ?? "[]")) {
    const choice = type === "radio" || type === "checkbox";
    const field = fields().find((one) => one.name === name && one.type === type && (!choice || one.value === value));
    if (!field) continue;
    if (choice) field.checked = checked;
    else field.value = value;
  }
}

if ("keep" in body.dataset && !kiosk) {
  if (document.querySelector("#card [data-done], [data-gone]")) sessionStorage.removeItem(kept);
  else restore();
  document.addEventListener("input", keep);
  document.addEventListener("change", keep);
}

document.addEventListener("htmx:afterSettle", () => {
  const card = document.getElementById("card");
  trouble.hidden = true;
  if (card.querySelector("[data-done]") || "gone" in card.dataset) sessionStorage.removeItem(kept);
  scrollTo(0, 0);
  focusNext(card);
});
document.addEventListener("htmx:sendError", () => {
  trouble.textContent = body.dataset.unreachable;
  trouble.hidden = false;
  trouble.scrollIntoView();
});

// --- a kiosk: whoever goes away leaves nothing behind ---

const IDLE_SECONDS = 60;
const WARN_SECONDS = 15;
const DONE_SECONDS = 8;

if (kiosk) {
  const dialog = document.getElementById("own-idle");
  let touched = Date.now();
  const begun = () => document.getElementById("card").dataset.step !== "language";
  const anew = () => location.replace(kiosk);
  const here = () => {
    if (!dialog.open) touched = Date.now();
  };
  for (const kind of ["pointerdown", "keydown", "input", "scroll"]) document.addEventListener(kind, here, { passive: true, capture: true });
  dialog.addEventListener("close", () => {
    touched = Date.now();
  });
  document.addEventListener("htmx:afterSettle", here);
  // A page that comes back from the browser's memory is not shown as it was left.
  addEventListener("pageshow", (event) => event.persisted && anew());
  setInterval(() => {
    if (!begun()) return;
    const idle = (Date.now() - touched) / 1000;
    const left = document.querySelector("#card [data-done]") ? DONE_SECONDS : IDLE_SECONDS;
    if (idle >= left) anew();
    else if (left === IDLE_SECONDS && idle >= left - WARN_SECONDS) {
      dialog.querySelector("[data-seconds]").textContent = String(Math.ceil(left - idle));
      if (!dialog.open) dialog.showModal();
    }
  }, 500);
}

focusNext(document.getElementById("card"));
