// The day log and its neighbours: what is being typed is not taken away by a change elsewhere, and the keys are near.

// --- a list that holds still while somebody works in it, and catches up afterwards ---

const busy = (list) => {
  const now = document.activeElement;
  return Boolean(
    list.querySelector("details.menu[open]") || (list.contains(now) && now.matches("input:not([type=checkbox])") && now.value.trim()),
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

// --- the line: Escape leaves it, so that letters are keys of the page again ---

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
  if (event.target.closest?.("#log-form")) event.target.blur();
});

// --- the round: its key goes to what is not ticked yet; a tick that was refused shows again what is noted ---

document.getElementById("to-rounds")?.addEventListener("click", () => {
  const ticks = [...document.querySelectorAll("#rounds [type=checkbox]:not([disabled])")];
  (ticks.find((tick) => !tick.checked) ?? ticks[0])?.focus();
});
document.addEventListener("htmx:responseError", (event) => {
  if (event.target.matches?.("#rounds [type=checkbox]")) htmx.trigger(document.body, "rounds-changed");
});
