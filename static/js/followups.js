// The call card by keyboard: digits choose the result, and once the visitor was reached they give the score.
// Backspace goes back to the results. The card is freed when its page is left.

const form = () => document.querySelector("[data-attempt]");
const group = (name) => [...(form()?.querySelectorAll(`[data-group="${name}"] input`) ?? [])];
const chosen = () => group("result").find((input) => input.checked)?.value;

function arm(name) {
  for (const each of ["result", "satisfaction"]) {
    form()?.querySelector(`[data-group="${each}"]`)?.classList.toggle("armed", each === name);
    group(each).forEach((input, index) => {
      if (each === name) input.dataset.key = String(index + 1);
      else delete input.dataset.key;
      input.dataset.keyLabel = input.closest("label").textContent.replace(/^\s*\d\s*/, "").trim();
    });
  }
}

function prepare() {
  if (!form()) return;
  form().querySelector("[name=recovery][value=normal]").dataset.key = "g";
  form().querySelector("[name=recovery][value=abnormal]").dataset.key = "a";
  form().querySelector("[name=notes]").dataset.key = "t";
  arm(chosen() === "reached" ? "satisfaction" : "result");
}

document.addEventListener("change", (event) => {
  if (event.target.name !== "result" || !form()?.contains(event.target)) return;
  arm(event.target.value === "reached" ? "satisfaction" : "result");
  if (event.target.value === "later") form().querySelector("[name=later_on]").focus();
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
