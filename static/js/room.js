// The consultation room: what is typed into a form and not sent yet outlives whatever is drawn anew around it.

const typedIn = (element) => element?.querySelector("form[data-typed]") !== null;
const kept = new Map();

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-guarded]");
  if (form) form.dataset.typed = "";
});

// The form that was sent gives way to the answer; every other one that was typed into is put back where it stood.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id !== "work" || !event.detail.shouldSwap) return;
  const sent = event.detail.requestConfig.elt.closest("[data-kept]");
  for (const choice of document.querySelectorAll("#work details[data-kept]")) {
    if (choice === sent || !typedIn(choice)) continue;
    kept.set(choice.dataset.kept, choice);
    // Taken out before the answer comes in, it keeps its fields and what listens to them.
    choice.remove();
  }
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "work") return;
  for (const [name, choice] of kept) {
    const drawn = document.querySelector(`#work details[data-kept="${name}"]`);
    if (!drawn) continue;
    const version = document.getElementById("work").dataset.version;
    drawn.replaceWith(choice);
    const field = choice.querySelector("input[name=version]");
    if (field && version) field.value = version;
  }
  kept.clear();
});

// What waited its turn on behalf of a part that was drawn anew meanwhile is not asked any more, and htmx then leaves
// those who wait behind it waiting for ever: they are called here.
document.addEventListener("htmx:afterRequest", () =>
  setTimeout(() => {
    const turns = document.querySelector(".consultation-page")?.["htmx-internal-data"];
    while (turns && !turns.xhr && turns.queuedRequests?.length) turns.queuedRequests.shift()();
  }),
);

// A form that a key has unfolded comes from the server, and is ready to be typed in once it is there; one that was
// carried out folds up again, and the keys of the page are free.
document.addEventListener("htmx:afterSettle", (event) => {
  const choice = event.target.closest?.("details[data-kept][open]");
  if (!choice) return;
  if (choice.querySelector("[data-told]")) {
    choice.open = false;
    choice.querySelector("summary").focus();
  } else if (!choice.contains(document.activeElement) || document.activeElement.matches("summary")) {
    choice.querySelector("[data-focus], select, input:not([type=hidden]), textarea")?.focus();
  }
});

// Opening another item of the plan takes the place of the one being typed: that is asked first.
document.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest?.("[data-over-plan]");
    if (!button) return;
    const form = document.getElementById("plan-form");
    const fields = [...(form?.elements ?? [])];
    // What was refused stands in its fields as if they had been drawn with it.
    const typed = form?.matches("[data-typed]") || fields.some((field) => field.matches("textarea, input:not([type=hidden], [type=checkbox])") && field.value !== field.defaultValue);
    if (typed) button.setAttribute("hx-confirm", button.dataset.overPlan);
    else button.removeAttribute("hx-confirm");
  },
  true,
);

// Whoever passes the visitor on leaves this page, and with it what stands unsaved in other forms.
document.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest?.("button[data-leaves]");
    if (!button) return;
    const own = button.closest("[data-kept]");
    const others = [...document.querySelectorAll("#work details[data-kept]")].some(
      (choice) => choice !== own && typedIn(choice),
    );
    const asks = document.querySelector("form[data-finish]")?.dataset.unsaved;
    if (others && asks) button.dataset.confirm = asks;
    else delete button.dataset.confirm;
  },
  true,
);

let leaving = false;
document.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-guarded]")) leaving = true;
});
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.getResponseHeader("HX-Redirect")) leaving = true;
});
addEventListener("beforeunload", (event) => {
  if (!leaving && document.querySelector("form[data-typed]")) event.preventDefault();
});
