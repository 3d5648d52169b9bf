// The calendar by keyboard: arrow keys go through the half hours, Enter opens or books, N books at the half hour in focus.

const calendar = document.getElementById("calendar");
const booking = document.getElementById("booking");
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
let last = ""; // the half hour that had the focus, by its id

const cells = () => [...calendar.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("[data-cell]")]);
const current = () => document.getElementById(last) ?? calendar.querySelector(".calendar-now [data-cell]") ?? calendar.querySelector("[data-cell]");

function settle() {
  const cell = current();
  for (const other of calendar.querySelectorAll('[data-cell][tabindex="0"]')) other.tabIndex = -1;
  if (cell) cell.tabIndex = 0;
}

function go(cell) {
  last = cell.id;
  settle();
  cell.focus();
}

function book(cell) {
  if (!document.getElementById("book-new")) return;
  const time = cell?.dataset.time ? `&time=${encodeURIComponent(cell.dataset.time)}` : "";
  htmx.ajax("GET", `${calendar.dataset.new}?day=${calendar.dataset.day}${time}`, { target: "#booking", swap: "innerHTML" });
}

function leave() {
  booking.replaceChildren();
  current()?.focus();
}

if (calendar) {
  calendar.addEventListener("keydown", (event) => {
    const cell = event.target.closest("[data-cell]");
    if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[event.key];
    if (step) {
      event.preventDefault();
      const all = cells();
      const row = all.findIndex((one) => one.includes(cell));
      const next = all[row + step[0]]?.[all[row].indexOf(cell) + step[1]];
      if (next) go(next);
    } else if (event.key === "Enter" && event.target === cell) {
      event.preventDefault();
      const slip = cell.querySelector("button.slip");
      if (slip) slip.click();
      else book(cell);
    }
  });
  calendar.addEventListener("focusin", (event) => {
    const cell = event.target.closest("[data-cell]");
    if (cell) {
      last = cell.id;
      settle();
    }
  });
  calendar.addEventListener("dblclick", (event) => {
    const cell = event.target.closest("[data-cell]");
    if (cell && !event.target.closest("button")) book(cell);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target === calendar) settle();
    if (event.target === booking) {
      const first = booking.querySelector("[data-focus], #booked-text:not([value]), #id_booked_text, #booked-text, #id_day");
      if (!booking.contains(document.activeElement)) first?.focus();
    }
  });
  settle();
}

document.addEventListener("click", (event) => {
  if (calendar && event.target.closest("#book-new")) book(current());
  if (booking && event.target.closest("[data-leave-booking]")) leave();
  const free = event.target.closest("[data-take-day]");
  if (free) {
    const form = free.closest("form");
    const starts = form.elements.starts;
    form.elements.day.value = free.dataset.takeDay;
    if (![...starts.options].some((option) => option.value === free.dataset.takeTime)) {
      starts.add(new Option(free.dataset.takeTime, free.dataset.takeTime));
    }
    starts.value = free.dataset.takeTime;
    form.requestSubmit();
  }
});
