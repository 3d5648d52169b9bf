// Lists that are worked through: arrow keys go from row to row, digits press the answer of the row in focus.

const list = document.querySelector("[data-worklist]");
const rows = () => [...list.querySelectorAll("tbody tr")];

list?.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input:not([type=hidden]), select, textarea")) return;
  const row = event.target.closest("tbody tr");
  if (!row) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    rows()[rows().indexOf(row) + (event.key === "ArrowDown" ? 1 : -1)]?.querySelector("a, button")?.focus();
    return;
  }
  const answer = row.querySelector(`[data-answer="${CSS.escape(event.key)}"]`);
  if (answer) {
    event.preventDefault();
    answer.click();
  }
});

// The first row may be reached from anywhere on the page.
document.addEventListener("keydown", (event) => {
  if (!list || event.defaultPrevented || event.key !== "ArrowDown" || event.target.closest("input, select, textarea, [data-worklist]")) return;
  event.preventDefault();
  rows()[0]?.querySelector("a, button")?.focus();
});
