// The day log and its neighbours: what is being typed is not taken away by a change elsewhere, and the keys are near.

// --- a list that holds still while somebody works in it, and catches up afterwards ---

const touched = (field) =>
  field.matches("select")
    ? field.selectedIndex !== Math.max(0, [...field.options].findIndex((option) => option.defaultSelected))
    : !["hidden", "checkbox", "radio"].includes(field.type) && field.value !== field.defaultValue;
const busy = (list) => {
  // A question is answered for the form as it stands: drawn anew, its answer would go nowhere.
  if (document.getElementById("confirm-dialog")?.open || list.querySelector("details.menu[open]")) return true;
  const now = document.activeElement;
  if (!list.contains(now)) return false;
  return [now, ...(now.form ?? now.closest("form"))?.elements ?? []].some(
    (field) => field.matches("input, select, textarea") && touched(field),
  );
};

function holds(event, list) {
  if (!list?.matches("[data-holds]") || !busy(list)) return false;
  list.dataset.behind = "";
  return true;
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.requestConfig.verb === "get" && holds(event, event.detail.elt)) event.preventDefault();
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig } = event.detail;
  if (requestConfig?.verb === "get" && requestConfig.elt === target && holds(event, target)) event.detail.shouldSwap = false;
});

function catchUp(list) {
  if (!list?.isConnected || !("behind" in list.dataset) || busy(list)) return;
  delete list.dataset.behind;
  htmx.ajax("GET", list.getAttribute("hx-get"), { source: list, target: list, swap: "outerHTML" });
}

document.addEventListener(
  "toggle",
  (event) => {
    const list = event.target.closest?.("[data-holds]");
    if (!list) return;
    if (event.target.open) event.target.querySelector(".menu-body input:not([type=hidden])")?.focus();
    else catchUp(list);
  },
  true,
);
document.getElementById("confirm-dialog")?.addEventListener("close", () => {
  setTimeout(() => document.querySelectorAll("[data-holds]").forEach(catchUp), 200);
});
document.addEventListener("focusout", (event) => {
  const list = event.target.closest?.("[data-holds]");
  if (list) setTimeout(() => catchUp(list), 200);
});
// What was sent from a menu closes it; what was refused leaves it open with what was typed.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (requestConfig.verb !== "post" || xhr.status >= 300) return;
  const menu = event.target.closest?.("[data-holds] details.menu[open]");
  if (menu) menu.open = false;
});

// --- the round: its key goes to what is not ticked yet; a tick that was refused shows again what is noted ---

document.getElementById("to-rounds")?.addEventListener("click", () => {
  const ticks = [...document.querySelectorAll("#rounds [type=checkbox]:not([disabled])")];
  (ticks.find((tick) => !tick.checked) ?? ticks[0])?.focus();
});
document.addEventListener("htmx:responseError", (event) => {
  if (event.target.matches?.("#rounds [type=checkbox]")) htmx.trigger(document.body, "rounds-changed");
});
