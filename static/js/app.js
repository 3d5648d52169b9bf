// What every page does: keys, messages, running times, dialogs, forms sent once, the mark on requests nobody made by hand.

const body = document.body;
const words = document.getElementById("words");
const messages = document.getElementById("messages");

export function say(text, kind = "error") {
  const line = document.createElement("div");
  line.className = `message message-${kind}`;
  line.setAttribute("role", kind === "error" ? "alert" : "status");
  line.append(words.content.cloneNode(true));
  const sentence = document.createElement("div");
  sentence.className = "message-text";
  sentence.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "message-close";
  close.dataset.dismiss = "";
  close.setAttribute("aria-label", words.dataset.close);
  close.textContent = "×";
  line.append(sentence, close);
  messages?.replaceChildren(line);
}

export const offline = () => body.classList.contains("offline");

// --- keys ---

const typing = (element) =>
  element?.isContentEditable || element?.matches?.("input:not([type=checkbox],[type=radio],[type=button],[type=submit]), select, textarea");
const visible = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;
const top = () => [...document.querySelectorAll("dialog[open]")].at(-1);

// With Alt it is the key that counts, not the sign a layout puts on it; such a key works in fields, too.
const pressed = (event) => (event.altKey ? `Alt+${event.code.replace("Key", "")}` : event.key);

function target(key, inField) {
  // In an open menu only its own keys count: what is typed to choose in it must not do anything else on the page.
  const scope = top() ?? document.activeElement?.closest("details.menu[open]") ?? document;
  const found = [...scope.querySelectorAll("[data-key]")].filter(
    (element) =>
      element.dataset.key.toLowerCase() === key.toLowerCase() &&
      (!inField || "keyAlways" in element.dataset) &&
      !element.disabled &&
      visible(element),
  );
  // Where every row has the key, it is the row somebody stands in that is meant.
  return found.find(standsWith) ?? found[0];
}

function standsWith(element) {
  return document.activeElement?.closest("tr, [data-row]")?.contains(element) ?? false;
}

const searchBox = () => document.querySelector("main [data-search]") ?? document.querySelector("[data-search]");

function showKeys() {
  const overlay = document.getElementById("keys-overlay");
  const list = document.getElementById("keys-list");
  list.querySelectorAll("[data-found]").forEach((row) => row.remove());
  const seen = new Set();
  for (const element of document.querySelectorAll("[data-key]")) {
    const key = element.dataset.key;
    if (seen.has(key) || !visible(element)) continue;
    seen.add(key);
    const row = document.createElement("div");
    row.dataset.found = "";
    const term = document.createElement("dt");
    const cap = document.createElement("kbd");
    cap.textContent = key.length === 1 ? key.toUpperCase() : key.replace("Escape", "Esc");
    term.append(cap);
    const meaning = document.createElement("dd");
    const copy = element.cloneNode(true);
    copy.querySelectorAll("kbd").forEach((inside) => inside.remove());
    meaning.textContent = element.dataset.keyLabel ?? element.getAttribute("aria-label") ?? copy.textContent.trim();
    row.append(term, meaning);
    list.append(row);
  }
  overlay.showModal();
}

// Escape leaves what is being typed in, so that the keys of the page are at hand, its own Escape among them; from a form
// that was unfolded it goes to the button that unfolded it. What was typed stays.
function leaveField(field) {
  if (!typing(field) || field.closest("dialog") || target("Escape", true)) return;
  const summary = field.closest("details.outcome-choice[open]")?.querySelector("summary");
  if (summary) summary.focus();
  else field.blur();
}

// In a text of several lines Enter begins a new one: with Ctrl it does what it does on the page around it.
function sendFromText(event) {
  if (event.key !== "Enter" || event.repeat || !event.target.matches?.("textarea")) return;
  const found = event.target.form?.querySelector('[data-key="Enter"]:not(:disabled)');
  if (!found || !visible(found)) return;
  event.preventDefault();
  found.click();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  if (event.ctrlKey || event.metaKey) return sendFromText(event);
  const inField = typing(event.target) && !event.altKey;
  // A key that is held acts once: after each answer the next row, the next step or the next page has the same key.
  if (event.repeat && event.key === "Enter" && event.target.closest?.("button, summary")) return event.preventDefault();
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    leaveField(event.target);
  }
  const found = target(pressed(event), inField);
  if (found) {
    if (event.key === "Enter" && event.target.closest?.("a, button, summary") && event.target !== found) return;
    event.preventDefault();
    if (event.repeat) return;
    // What writes something down for a row does so only for whoever stands in it: from elsewhere the key leads there.
    if (typing(found) || ("keyHere" in found.dataset && !standsWith(found))) found.focus();
    else {
      found.click();
      const opened = found.matches("summary") && found.parentElement.open;
      const inside = found.parentElement.querySelector.bind(found.parentElement);
      if (opened) (inside("select, input:not([type=hidden]), textarea") ?? inside(":scope > :not(summary) :is(button, a)"))?.focus();
      else if (found.matches("summary")) found.focus();
    }
  } else if (event.key === "/" && event.target === searchBox()) {
    // Nobody looks for a stroke: whoever presses it in the box begins anew.
    event.preventDefault();
    event.target.select();
  } else if (inField || event.altKey || top()) {
    return;
  } else if (event.key === "/") {
    const box = searchBox();
    if (box) {
      event.preventDefault();
      box.focus();
      box.select();
    }
  } else if (event.key.toLowerCase() === "f") {
    // Every code on a slip or a card begins with F. The scanner types on into the box, and presses no keys of the page.
    const box = searchBox();
    if (box) {
      box.value = "";
      box.focus();
    }
  } else if (event.key === "?") {
    event.preventDefault();
    showKeys();
  }
});

// --- tables of ticks: arrow keys go from one to the next, Space ticks ---

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

document.addEventListener("keydown", (event) => {
  const step = STEPS[event.key];
  const grid = step && event.target.matches?.("[type=checkbox]") && event.target.closest("[data-grid]");
  if (!grid || event.ctrlKey || event.metaKey || event.altKey) return;
  const rows = [...grid.rows].map((row) => [...row.querySelectorAll("[type=checkbox]")]).filter((ticks) => ticks.length);
  const row = rows.findIndex((ticks) => ticks.includes(event.target));
  const next = rows[row + step[0]]?.[rows[row].indexOf(event.target) + step[1]];
  event.preventDefault();
  next?.focus();
});

// --- clicks: menus, dialogs, messages, back ---

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const opener = event.target.closest("[data-open]");
  if (opener) {
    if (opener.dataset.open === "keys-overlay") showKeys();
    else document.getElementById(opener.dataset.open)?.showModal();
  }
  const dismissed = event.target.closest("[data-dismiss]")?.closest(".message, dialog");
  if (dismissed instanceof HTMLDialogElement) dismissed.close();
  else dismissed?.remove();
  if (event.target.closest("[data-back]")) history.back();
  if (event.target.closest("[data-print]")) print();
});

// --- confirm, in our own dialog, also for plain forms ---

const dialog = document.getElementById("confirm-dialog");

function ask(text) {
  document.getElementById("confirm-text").textContent = text;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
  });
}

document.addEventListener("htmx:confirm", (event) => {
  if (!event.detail.question) return;
  event.preventDefault();
  ask(event.detail.question).then((yes) => {
    if (yes) event.detail.issueRequest(true);
    else mayBeSentAgain(event.target);
  });
});

// --- whole numbers: what for is asked first, and one key answers ---

const reveal = document.getElementById("reveal-dialog");
let asked = null;

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-reveal]");
  if (!link || !reveal || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  asked = { address: link.getAttribute("href"), place: link.dataset.reveal };
  reveal.querySelectorAll("form").forEach((form) => form.reset());
  reveal.querySelector("[data-whose]").textContent = link.dataset.whose;
  reveal.showModal();
});
reveal?.addEventListener("submit", (event) => {
  event.preventDefault();
  const values = Object.fromEntries(new FormData(event.target, event.submitter));
  const { address, place } = asked;
  reveal.close();
  // The page may have been drawn anew meanwhile: the place is looked for by its name.
  if (!document.querySelector(place)) return;
  htmx.ajax("POST", address, { source: place, target: place, swap: "outerHTML", values, event }).then(() => {
    if (document.activeElement === body) document.querySelector(place)?.focus();
  });
});

// --- forms: nothing is sent while the screen is stale, and nothing twice ---

function notNow(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
  say(words.dataset.notNow, "warning");
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (form.method === "dialog") return;
    if (form.method === "post" && offline() && !("offlineOk" in form.dataset)) return notNow(event);
    const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
    if (question && !form.dataset.confirmed && !lacking(form, event.submitter)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      ask(question).then((yes) => {
        if (!yes) return;
        form.dataset.confirmed = "yes";
        form.requestSubmit(event.submitter);
        delete form.dataset.confirmed;
      });
      return;
    }
    if ("submitOnce" in form.dataset) {
      if (form.dataset.sent) {
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      form.dataset.sent = "yes";
    }
  },
  true,
);
// Nobody is asked about what will be refused: the answer says what is missing.
function lacking(form, submitter) {
  if (!form.noValidate || submitter?.formNoValidate) return false;
  return [...form.elements].some((field) => field.required && visible(field) && !field.disabled && field.validity.valueMissing);
}
function mayBeSentAgain(element) {
  delete element.dataset?.sent;
  delete element.closest?.("form")?.dataset.sent;
}
document.addEventListener("htmx:afterRequest", (event) => mayBeSentAgain(event.target));
// Whoever holds a request back does so on the document: the window hears of it last.
addEventListener("htmx:beforeRequest", (event) => event.defaultPrevented && mayBeSentAgain(event.target));
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

// --- htmx: requests that no hand made are marked, so that they do not keep an idle session alive ---

document.addEventListener("htmx:configRequest", (event) => {
  const cause = event.detail.triggeringEvent;
  if (!cause || /^(live-|load|revealed|intersect|htmx:)/.test(cause.type)) event.detail.headers["X-Background"] = "1";
});
document.addEventListener("htmx:beforeRequest", (event) => {
  const element = event.detail.elt;
  if (offline() && event.detail.requestConfig.verb !== "get" && !element.closest("[data-offline-ok]")) {
    event.preventDefault();
    say(words.dataset.notNow, "warning");
  }
});
document.addEventListener("htmx:sendError", (event) => {
  if (event.detail.requestConfig?.headers["X-Background"]) return;
  say(words.dataset.unreachable);
});
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status >= 500 && !event.detail.requestConfig?.headers["X-Background"]) say(words.dataset.failed);
});
// What was asked on behalf of a part that is gone is no longer news: somebody has done something since.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { requestConfig } = event.detail;
  if (requestConfig?.headers["X-Background"] && !requestConfig.elt.isConnected) event.detail.shouldSwap = false;
});
// What was refused is no longer news once the next thing somebody did has gone through; typing and looking is none.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (xhr.status >= 300 || requestConfig.verb === "get" || requestConfig.headers["X-Background"]) return;
  if (requestConfig.triggeringEvent?.type === "input") return;
  for (const told of document.querySelectorAll(".messages > :is(.message-error, .message-warning)")) told.remove();
});
// An answer takes the focus to what comes next, but not from somebody who has gone on to type elsewhere meanwhile.
const askedFrom = new WeakMap();
document.addEventListener("htmx:beforeSend", (event) => askedFrom.set(event.detail.xhr, document.activeElement));
document.addEventListener("htmx:afterSwap", (event) => {
  const { target } = event;
  const now = document.activeElement ?? body;
  const before = askedFrom.get(event.detail.xhr);
  // A part that was redrawn meanwhile has the focus on another element of the same id: nobody has gone on.
  const stayed = now === before || (now.id !== "" && now.id === before?.id);
  if (now !== body && !stayed && !target.contains?.(now)) return;
  target.querySelector?.("[data-focus], [autofocus]")?.focus();
});

// --- running times and undo ---

function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [minutes, rest] = [Math.floor(whole / 60) % 60, whole % 60];
  const two = (part) => String(part).padStart(2, "0");
  return whole >= 3600 ? `${Math.floor(whole / 3600)} ${words?.dataset.hours ?? "h"} ${two(minutes)}′` : `${minutes}′${two(rest)}″`;
}

function tick() {
  const now = Date.now();
  for (const element of document.querySelectorAll("time[data-since]")) {
    const seconds = (now - Date.parse(element.dataset.since)) / 1000;
    const text = clock(seconds);
    if (element.textContent !== text) element.textContent = text;
    const late = Number(element.dataset.late);
    element.classList.toggle("late", late > 0 && seconds >= late * 60);
  }
  for (const element of document.querySelectorAll("time[data-until-then]")) {
    const seconds = (Date.parse(element.dataset.untilThen) - now) / 1000;
    const late = seconds < 0;
    const text = (late ? element.dataset.over : element.dataset.left).replace("{}", clock(late ? -seconds : seconds));
    if (element.textContent !== text) element.textContent = text;
    element.classList.toggle("late", late);
  }
  for (const element of document.querySelectorAll("[data-undo-seconds]")) {
    element.dataset.undoUntil ||= String(now + Number(element.dataset.undoSeconds) * 1000);
    const left = Math.ceil((Number(element.dataset.undoUntil) - now) / 1000);
    const seconds = element.querySelector("[data-seconds]");
    if (seconds) seconds.textContent = String(Math.max(0, left));
    if (left <= 0) element.remove();
  }
  for (const element of document.querySelectorAll(".messages > .message-success:not([data-keep])")) {
    element.dataset.until ||= String(now + 12000);
    if (now > Number(element.dataset.until) && !element.matches(":hover, :focus-within")) element.remove();
  }
}
setInterval(tick, 500);
document.addEventListener("visibilitychange", tick);
tick();

// --- language and appearance: the page stays, and what is typed stays ---

const kept = `typed:${location.pathname}`;

function fields() {
  return [...document.querySelectorAll("main form :is(input, select, textarea)[name]")].filter(
    (field) => !["hidden", "password", "file", "submit"].includes(field.type) && field.name !== "csrfmiddlewaretoken",
  );
}

function keepTyped() {
  const values = fields().map((field) => [field.form.id || field.form.getAttribute("action") || field.form.getAttribute("hx-post") || "", field.name, field.type, field.value, field.checked]);
  if (values.length) sessionStorage.setItem(kept, JSON.stringify(values));
}

function restoreTyped() {
  const stored = sessionStorage.getItem(kept);
  if (!stored) return;
  const left = [];
  for (const [form, name, type, value, checked] of JSON.parse(stored)) {
    const choice = type === "checkbox" || type === "radio";
    const field = fields().find(
      (candidate) =>
        (candidate.form.id || candidate.form.getAttribute("action") || candidate.form.getAttribute("hx-post") || "") === form &&
        candidate.name === name && candidate.type === type && (!choice || candidate.value === value),
    );
    if (!field) {
      left.push([form, name, type, value, checked]);
      continue;
    }
    if (choice) field.checked = checked;
    else if (type === "select-multiple") continue;
    else field.value = value;
  }
  if (left.length) sessionStorage.setItem(kept, JSON.stringify(left));
  else sessionStorage.removeItem(kept);
}
restoreTyped();
document.addEventListener("htmx:load", restoreTyped);
addEventListener("pagehide", () => {
  if (!body.dataset.leavingForLanguage) sessionStorage.removeItem(kept);
});

for (const form of document.querySelectorAll("form[data-language], form[data-preferences]")) {
  form.addEventListener("submit", () => {
    body.dataset.leavingForLanguage = "yes";
    keepTyped();
  });
}

document.querySelector("[data-focus]")?.focus();
