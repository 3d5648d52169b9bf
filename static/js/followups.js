// The call card by keyboard: digits choose the result, and once the visitor was reached they give the score.
// Backspace goes back to the results. The card is freed when its page is left.

const form = () => document.querySelector("[data-attempt]");
const group = (name) => [...(form()?.querySelectorAll(`[data-group="${name}"] input`) ?? [])];
const chosen = () => group("result").find((input) => input.checked)?.value;

// What a key of the card does, for the list of keys: the result, or what is said and how.
function meaning(input) {
  const words = input.closest("label").querySelector("span").textContent.trim();
  const about = input.closest("fieldset").dataset.keyGroup;
  return about ? `${about} · ${words}` : words;
}

function arm(name) {
  for (const each of ["result", "satisfaction"]) {
    form()?.querySelector(`[data-group="${each}"]`)?.classList.toggle("armed", each === name);
    group(each).forEach((input, index) => {
      if (each === name) input.dataset.key = String(index + 1);
      else delete input.dataset.key;
      input.dataset.keyLabel = meaning(input);
    });
  }
}

function prepare() {
  if (!form()) return;
  for (const [value, key] of [["normal", "g"], ["abnormal", "a"]]) {
    const input = form().querySelector(`[name=recovery][value=${value}]`);
    Object.assign(input.dataset, { key, keyLabel: meaning(input) });
  }
  const notes = form().querySelector("[name=notes]");
  Object.assign(notes.dataset, { key: "t", keyLabel: notes.labels[0].firstChild.textContent.trim() });
  arm(chosen() === "reached" ? "satisfaction" : "result");
}

document.addEventListener("change", (event) => {
  if (event.target.name !== "result" || !form()?.contains(event.target)) return;
  arm(event.target.value === "reached" ? "satisfaction" : "result");
  if (event.target.value === "later") form().querySelector("[name=later_on]").focus();
});

// An answer that is not normal makes the recovery abnormal, unless the agent has already said what it is.
const warned = () => form()?.querySelector(".key-warns :checked, option[data-warns]:checked");
document.addEventListener("change", (event) => {
  if (!event.target.closest("[data-attempt] .asked")) return;
  const recovery = (value) => form().querySelector(`[name=recovery][value=${value}]`);
  if (warned() && !recovery("normal").checked) recovery("abnormal").checked = true;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Backspace" || !form() || event.target.matches("textarea, input:not([type=radio])")) return;
  event.preventDefault();
  arm("result");
});

document.addEventListener("htmx:afterSwap", prepare);
prepare();

let saved = false;
document.addEventListener("submit", (event) => (saved ||= event.target === form()), true);
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.target === form() && !event.detail.successful) saved = false;
});
addEventListener("pagehide", () => {
  const release = document.getElementById("release");
  if (release && form() && !saved) navigator.sendBeacon(release.action, new FormData(release));
});
addEventListener("pageshow", (event) => {
  if (event.persisted && form()) location.reload();
});
