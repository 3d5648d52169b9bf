// The lines of a deal: Enter goes to the next line and adds one after the last; the total is kept while typing.

const WIDE = { "，": ",", "．": ".", "。": "." };

// The amount in hundredths, as the server reads it: full-width digits, commas and a currency sign are understood.
function hundredths(text) {
  const plain = text.normalize("NFKC").replace(/[，．。]/g, (sign) => WIDE[sign]).replace(/[,\s¥元]/g, "");
  const said = /^(\d+)(?:\.(\d{0,2}))?$/.exec(plain);
  return said ? Number(said[1]) * 100 + Number((said[2] ?? "").padEnd(2, "0")) : 0;
}

function shown(sum) {
  const whole = String(Math.floor(sum / 100)).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${whole}.${String(sum % 100).padStart(2, "0")}`;
}

const rowsOf = (lines) => [...lines.querySelectorAll("tbody [data-line]:not([hidden])")];
const projectOf = (row) => row.querySelector("select");

function total(lines) {
  const amounts = rowsOf(lines).map((row) => hundredths(row.querySelector("[name$=amount]").value));
  lines.querySelector("[data-total]").textContent = shown(amounts.reduce((sum, one) => sum + one, 0));
}

function add(lines) {
  const count = lines.querySelector("[name$=TOTAL_FORMS]");
  const number = Number(count.value);
  if (number >= Number(lines.dataset.most)) return rowsOf(lines).at(-1);
  const row = lines.querySelector("template").content.firstElementChild.cloneNode(true);
  for (const part of row.querySelectorAll("[name], [id], [for]")) {
    for (const kind of ["name", "id", "for"]) {
      const value = part.getAttribute(kind);
      if (value) part.setAttribute(kind, value.replace("__prefix__", number));
    }
  }
  for (const label of row.querySelectorAll("label")) label.append(String(number + 1));
  lines.querySelector("tbody").append(row);
  count.value = String(number + 1);
  return row;
}

document.addEventListener("input", (event) => {
  const lines = event.target.closest?.("[data-lines]");
  if (lines) total(lines);
});

document.addEventListener("keydown", (event) => {
  const lines = event.target.closest?.("[data-lines]");
  const row = event.target.closest?.("[data-line]");
  if (!lines || !row || event.key !== "Enter" || event.isComposing || event.target.closest("button")) return;
  event.preventDefault();
  const rows = rowsOf(lines);
  const place = rows.indexOf(row);
  if (place + 1 < rows.length) projectOf(rows[place + 1]).focus();
  else if (projectOf(row).value) projectOf(add(lines)).focus();
  else lines.closest("form").querySelector("[type=radio], [name=reason], .btn-primary")?.focus();
});

document.addEventListener("click", (event) => {
  const lines = event.target.closest?.("[data-lines]");
  if (!lines) return;
  if (event.target.closest("[data-add-line]")) projectOf(add(lines)).focus();
  const row = event.target.closest("[data-remove-line]")?.closest("[data-line]");
  if (!row) return;
  // A row that is empty and hidden counts for nothing; the numbers of the others stay.
  for (const field of row.querySelectorAll("select, input")) field.value = "";
  row.hidden = true;
  if (rowsOf(lines).length === 0) add(lines);
  projectOf(rowsOf(lines).at(-1)).focus();
  total(lines);
});

const draw = () => document.querySelectorAll("[data-lines]").forEach(total);
document.addEventListener("htmx:afterSwap", draw);
draw();
