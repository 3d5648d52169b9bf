// The front desk: the search box with its results, the picker of projects, and a register that waits while somebody types in it.

const find = document.getElementById("find");
const list = () => document.getElementById("find-list");
const options = (of) => [...of.querySelectorAll('[role="option"]:not([hidden], [aria-disabled="true"])')];

function mark(box, of, option) {
  for (const other of of.querySelectorAll('[aria-selected="true"]')) other.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) box.setAttribute("aria-activedescendant", option.id);
  else box.removeAttribute("aria-activedescendant");
}

function step(box, of, by) {
  const all = options(of);
  if (!all.length) return;
  const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  mark(box, of, all[(at + by + all.length) % all.length] ?? all[0]);
}

const marked = (of) => of.querySelector('[aria-selected="true"]:not([hidden])');

// --- find a visitor ---

let waiting = false; // Enter was pressed before the answer to what is typed was there

function clearFound() {
  waiting = false;
  list().hidden = true;
  list().replaceChildren();
  list().dataset.q = "";
  find.setAttribute("aria-expanded", "false");
  mark(find, list(), null);
}

function takeIn(option) {
  waiting = false;
  if (!option) return; // a code nobody has: the list says so
  if (option.dataset.new !== undefined) document.getElementById("find-new").click();
  else htmx.trigger(option, "click");
}

function enter() {
  if (!find.value.trim()) return;
  if (list().dataset.q !== find.value) waiting = true;
  else takeIn(marked(list()) ?? options(list())[0]);
}

if (find) {
  find.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      step(find, list(), event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (event.shiftKey) document.getElementById("find-new").click();
      else enter();
    } else if (event.key === "Escape" && find.value) {
      event.preventDefault();
      event.stopPropagation();
      find.value = "";
      clearFound();
    } else if (event.key === "Escape") {
      // From here on the keys of the page are no longer typed into the box.
      find.blur();
    }
  });
  find.addEventListener("input", () => {
    waiting = false;
    if (!find.value.trim()) clearFound();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("#find-list [data-new]")) takeIn(event.target.closest("[data-new]"));
  });
}

function found() {
  const now = list();
  if (now.dataset.q !== find.value) return clearFound();
  find.setAttribute("aria-expanded", String(!now.hidden));
  document.getElementById("find-status").textContent = now.dataset.said;
  mark(find, now, options(now)[0]);
}

// --- the arrival form ---

function leaveArrival(event) {
  event?.preventDefault();
  document.getElementById("arrival").replaceChildren();
  history.replaceState(history.state, "", location.pathname);
  stay();
  find.focus();
  find.select();
}

// Switching the language comes back to the page as it is now, not as it was opened.
function stay() {
  for (const next of document.querySelectorAll('.top input[name="next"]')) next.value = location.pathname + location.search;
}

document.addEventListener("click", (event) => {
  if (find && event.target.closest("#arrival-cancel")) leaveArrival(event);
});

document.addEventListener("htmx:afterSwap", (event) => {
  const { target } = event.detail;
  if (find && target.id === "find-list") return found();
  if (target.id === "arrival") {
    // One visitor at a time: a proposal left open is reached again from the register.
    document.getElementById("proposal").replaceChildren();
    clearFound();
    if (!target.querySelector("#arrival-form")) find.value = "";
  }
  if (find && target.closest?.("#proposal") && (document.activeElement ?? document.body).matches("body, #proposal")) {
    const next = target.querySelector("[data-focus], [autofocus], .btn-primary");
    if (next) next.focus();
    else if (!target.closest("#proposal").textContent.trim()) find.focus();
    else document.getElementById("proposal").focus();
  }
});
document.addEventListener("htmx:replacedInHistory", stay);

// --- the picker of projects: type, choose, in the order wanted ---

function picker(root) {
  const [box, value] = root.querySelectorAll("input");
  const choices = root.querySelector('[role="listbox"]');
  const chips = root.querySelector(".picker-chips");
  const none = choices.querySelector("[data-none]");
  const all = [...choices.children].filter((option) => option !== none);
  const chosen = () => value.value.split(",").filter(Boolean);
  const said = (number) => all.find((option) => option.dataset.value === number);

  function draw() {
    chips.replaceChildren(
      ...chosen().filter(said).map((number, index) => {
        const label = said(number).textContent;
        const chip = document.createElement("span");
        chip.className = "chip";
        const order = document.createElement("b");
        order.textContent = `${index + 1}`;
        const remove = document.createElement("button");
        remove.type = "button";
        remove.textContent = "×";
        remove.setAttribute("aria-label", `${root.dataset.remove} ${label}`);
        remove.addEventListener("click", () => {
          value.value = chosen().filter((other) => other !== number).join(",");
          draw();
          box.focus();
        });
        chip.append(order, ` ${label}`, remove);
        return chip;
      }),
    );
  }

  function close() {
    choices.hidden = true;
    box.setAttribute("aria-expanded", "false");
    mark(box, choices, null);
  }

  function open() {
    const typed = box.value.trim().toLowerCase();
    const chinese = /[^\x00-\x7f]/.test(typed); // found anywhere in a name; letters from the start of a word
    const taken = new Set(chosen());
    for (const option of all) {
      const words = ` ${option.dataset.found} ${option.textContent.toLowerCase()}`;
      option.hidden = taken.has(option.dataset.value) || !words.includes(chinese ? typed : ` ${typed}`);
    }
    none.hidden = !typed || options(choices).length > 0;
    const any = options(choices).length > 0 || !none.hidden;
    choices.hidden = !any;
    box.setAttribute("aria-expanded", String(any));
    mark(box, choices, typed ? options(choices)[0] : null);
  }

  function add(option) {
    value.value = [...chosen(), option.dataset.value].join(",");
    box.value = "";
    draw();
    close();
  }

  box.addEventListener("input", () => (box.value.trim() ? open() : close()));
  box.addEventListener("blur", () => setTimeout(close, 150));
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (choices.hidden) open();
      step(box, choices, event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && (marked(choices) || box.value.trim())) {
      event.preventDefault();
      if (marked(choices)) add(marked(choices));
    } else if (event.key === "Escape" && !choices.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "Backspace" && !box.value) {
      value.value = chosen().slice(0, -1).join(",");
      draw();
    }
  });
  choices.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest('[role="option"]:not([aria-disabled="true"])');
    if (option) add(option);
  });
  root.addEventListener("picker-set", draw);
  draw();
}

// --- a person on file, found while typing: what is chosen goes as a number, what is only typed as text ---

function person(root) {
  const [box, value] = root.querySelectorAll("input");
  const choices = () => root.querySelector('[role="listbox"]');

  function close() {
    choices().hidden = true;
    box.setAttribute("aria-expanded", "false");
    mark(box, choices(), null);
  }

  function choose(option) {
    value.value = option.dataset.value;
    box.value = option.dataset.name;
    root.dataset.chosen = "";
    close();
  }

  // Enter that comes before the first of them is marked means the first, if they are the answer to what stands there.
  function meant() {
    return marked(choices()) ?? (choices().dataset.q === box.value ? options(choices())[0] : null);
  }

  box.addEventListener("input", () => {
    value.value = "";
    delete root.dataset.chosen;
  });
  box.addEventListener("blur", () => setTimeout(close, 150));
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      step(box, choices(), event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && !choices().hidden && meant()) {
      event.preventDefault();
      choose(meant());
    } else if (event.key === "Escape" && !choices().hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  });
  root.addEventListener("mousedown", (event) => {
    const option = event.target.closest('[role="option"]');
    if (!option) return;
    event.preventDefault();
    choose(option);
  });
  root.addEventListener("htmx:afterSwap", () => {
    if (document.activeElement !== box || choices().dataset.q !== box.value) return close();
    box.setAttribute("aria-expanded", String(!choices().hidden));
    mark(box, choices(), options(choices())[0]);
  });
  if (value.value) root.dataset.chosen = "";
}

function pickers(within) {
  for (const root of within.querySelectorAll("[data-person]:not([data-ready])")) {
    root.dataset.ready = "";
    person(root);
  }
  for (const root of within.querySelectorAll("[data-picker]:not([data-ready])")) {
    root.dataset.ready = "";
    picker(root);
  }
}
pickers(document);
document.addEventListener("htmx:load", (event) => {
  pickers(event.detail.elt);
  // Only now does what was found answer to being chosen. A scanner sends its Enter long before.
  if (waiting && event.detail.elt.id === "find-list") takeIn(options(event.detail.elt)[0]);
});

// --- the register does not move while its menu is open; it catches up when the menu closes ---

const register = () => document.getElementById("register");
// The menu of a row at the foot of the window is brought into sight, again when its last entries have come.
const wholly = (menu) => menu?.scrollIntoView({ block: "nearest" });

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id !== "register") return;
  if (register().querySelector("details.menu[open]")) {
    event.preventDefault();
    register().dataset.behind = "";
  }
});
document.addEventListener("htmx:beforeSwap", (event) => {
  // An answer that was on its way when the menu was opened must not take the menu away.
  const { target, requestConfig } = event.detail;
  if (target.id !== "register" || requestConfig?.elt?.id !== "register") return;
  if (register().querySelector("details.menu[open]")) {
    event.detail.shouldSwap = false;
    register().dataset.behind = "";
  }
});
document.addEventListener(
  "toggle",
  (event) => {
    const now = register();
    if (now?.contains(event.target) && !event.target.open && "behind" in now.dataset && !now.querySelector("details.menu[open]")) {
      delete now.dataset.behind;
      htmx.trigger(document.body, "register-changed");
    }
    if (event.target.open && now?.contains(event.target)) wholly(event.target.querySelector(".menu-body"));
  },
  true,
);
document.addEventListener("htmx:afterSwap", (event) => wholly(event.detail.target.closest?.("#register details.menu[open] > .menu-body")));
document.addEventListener("htmx:afterRequest", (event) => {
  const menu = event.target.closest?.("#register details.menu[open]");
  if (menu && event.detail.requestConfig?.verb === "post" && event.detail.successful) menu.open = false;
});
