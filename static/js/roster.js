// The grid of the roster by keyboard: digits enter a shift and go on, 0 empties, arrows move. Whoever leaves with shifts
// that are not saved is asked.

const grid = document.querySelector("[data-roster]");
const rows = () => [...grid.tBodies[0].rows].filter((row) => row.querySelector("select"));

function go(cell, across, down) {
  const all = rows();
  const row = all.indexOf(cell.closest("tr"));
  const column = cell.closest("td").cellIndex;
  for (let r = row + down, c = column + across; all[r]?.cells[c]; r += down, c += across) {
    const next = all[r].cells[c].querySelector("select");
    if (next) return next.focus(), true;
  }
  return false;
}

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

grid?.addEventListener("keydown", (event) => {
  const cell = event.target;
  if (!cell.matches("select") || event.ctrlKey || event.metaKey || event.altKey) return;
  const move = MOVES[event.key];
  const digit = /^[0-6]$/.test(event.key) ? Number(event.key) : event.key === "Delete" || event.key === "Backspace" ? 0 : -1;
  if (!move && digit < 0) return;
  event.preventDefault();
  if (move) {
    go(cell, ...move);
    return;
  }
  cell.selectedIndex = digit;
  cell.dispatchEvent(new Event("change", { bubbles: true }));
  if (go(cell, 1, 0)) return;
  // The week is full: on to the next person's first day.
  const all = rows();
  all[all.indexOf(cell.closest("tr")) + 1]?.querySelector("select")?.focus();
});

const form = document.getElementById("roster-form");
let leaving = false;
form?.addEventListener("change", () => (form.dataset.typed = ""));
document.addEventListener("submit", (event) => {
  if (event.target === form) leaving = true;
});
addEventListener("beforeunload", (event) => {
  if (!leaving && form?.matches("[data-typed]")) event.preventDefault();
});
