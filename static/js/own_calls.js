// The card of an owner's call by keyboard: digits choose the result, Enter saves. The card is freed when its page is
// left.

const form = () => document.querySelector("[data-own-try]");

function prepare() {
  const notes = form()?.querySelector("[name=notes]");
  if (notes) Object.assign(notes.dataset, { key: "t", keyLabel: notes.labels[0].firstChild.textContent.trim() });
}

document.addEventListener("change", (event) => {
  if (event.target.name === "result" && form()?.contains(event.target) && event.target.value === "later") {
    form().querySelector("[name=later_on]").focus();
  }
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
