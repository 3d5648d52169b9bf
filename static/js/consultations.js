// The notice of a new visitor: tab title, sound, desktop notice; again every 20 seconds until it is acknowledged.
// What is waiting unseen stands in `data-unseen` of the queue, or of the notice that every other page shows; how she
// wants to be told is hers at every computer, and stands in `data-notice-kinds`.

const EVERY = 20_000;
const sources = () => [...document.querySelectorAll("[data-unseen]")];
const source = () => sources().find((one) => one.dataset.unseen.trim() !== "") ?? sources()[0];
const plainTitle = document.title;

// What was drawn last says it: the switches, the queue or the notice; on a page without them the page itself.
const wanted = (kind) => {
  const said = document.getElementById("notice-switches") ?? source() ?? document.body;
  return (said.dataset.noticeKinds ?? "").split(" ").includes(kind);
};
const unseen = () => sources().flatMap((one) => one.dataset.unseen.split(" ").filter((pk) => pk !== ""));

// --- sound ---

let audio = null;

function soundBlocked() {
  return audio === null || audio.state !== "running";
}

async function unlockSound() {
  audio ??= new AudioContext();
  if (audio.state !== "running") await audio.resume().catch(() => {});
  showBlocks();
}

function beep() {
  if (soundBlocked()) return;
  const start = audio.currentTime + 0.02;
  for (const [delay, pitch] of [[0, 880], [0.18, 1174.66]]) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0, start + delay);
    volume.gain.linearRampToValueAtTime(0.25, start + delay + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, start + delay + 0.4);
    tone.connect(volume).connect(audio.destination);
    tone.start(start + delay);
    tone.stop(start + delay + 0.45);
  }
}

// --- desktop ---

const canNotify = () => isSecureContext && "Notification" in window;

function notify() {
  const words = source()?.dataset;
  if (!words || !canNotify() || Notification.permission !== "granted") return;
  const notice = new Notification(words.noticeTitle, { body: words.noticeBody, tag: "queue", renotify: true });
  notice.onclick = () => {
    window.focus();
    notice.close();
    if (location.pathname !== words.noticeUrl) location.assign(words.noticeUrl);
  };
}

// --- ringing ---

const KNOWN = "notice-known";
let ringing = null;

const lastRang = () => Number(localStorage.getItem("notice-rang") ?? 0);

function ring() {
  // Two tabs of one person ring once.
  if (Date.now() - lastRang() < 2000) return;
  localStorage.setItem("notice-rang", String(Date.now()));
  if (wanted("sound")) beep();
  if (wanted("desktop")) notify();
}

function ringAgain() {
  clearTimeout(ringing);
  ringing = setTimeout(
    () => {
      ring();
      ringAgain();
    },
    Math.max(0, EVERY - (Date.now() - lastRang())),
  );
}

function look() {
  const now = unseen();
  const known = (sessionStorage.getItem(KNOWN) ?? "").split(" ");
  sessionStorage.setItem(KNOWN, now.join(" "));
  document.title = now.length && wanted("title") ? `(${now.length}) ${plainTitle}` : plainTitle;
  if (now.length === 0) {
    clearTimeout(ringing);
    ringing = null;
    return;
  }
  if (now.some((pk) => !known.includes(pk))) ring();
  if (ringing === null) ringAgain();
}

// --- switches, and what the browser blocks ---

function showBlocks() {
  const blocked = {
    sound: wanted("sound") && soundBlocked(),
    "desktop-insecure": wanted("desktop") && !isSecureContext,
    "desktop-ask": wanted("desktop") && canNotify() && Notification.permission === "default",
    "desktop-denied": wanted("desktop") && canNotify() && Notification.permission === "denied",
  };
  for (const line of document.querySelectorAll("[data-notice-blocked]")) {
    line.hidden = !blocked[line.dataset.noticeBlocked];
  }
}

// A switch that could not be kept stands as it stood.
for (const failed of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(failed, () => document.getElementById("notice-switches")?.reset());
}
document.addEventListener(
  "htmx:beforeRequest",
  (event) => {
    if (document.body.classList.contains("offline") && event.target.id === "notice-switches") event.target.reset();
  },
  true,
);

document.addEventListener("click", (event) => {
  const allow = event.target.closest?.("[data-notice-allow]")?.dataset.noticeAllow;
  if (allow === "sound") void unlockSound();
  if (allow === "desktop" && canNotify()) void Notification.requestPermission().then(showBlocks);
  if (event.target.closest?.("[data-notice-try]")) {
    void unlockSound().then(() => {
      if (wanted("sound")) beep();
      if (wanted("desktop")) notify();
    });
  }
});

for (const gesture of ["pointerdown", "keydown"]) {
  document.addEventListener(gesture, () => void unlockSound(), { once: true, capture: true });
}
document.addEventListener("htmx:afterSwap", () => {
  look();
  showBlocks();
});

// A form that a key has unfolded is ready to be typed in.
document.addEventListener(
  "toggle",
  (event) => {
    const opened = event.target;
    if (!opened.matches?.("details.outcome-choice[open]") || opened.querySelector(".error-summary")) return;
    opened.querySelector("form :is(input:not([type=hidden]), select, textarea)")?.focus();
  },
  true,
);

// What stands in a form and is not saved, folded up or not, would be gone with the page: finishing asks first.
function askBeforeFinishing() {
  const finish = document.querySelector("form[data-finish]");
  if (!finish) return;
  if (document.querySelector("details.outcome-choice form[data-typed]")) finish.dataset.confirm = finish.dataset.unsaved;
  else delete finish.dataset.confirm;
}
document.addEventListener("input", (event) => {
  const form = event.target.closest?.("details.outcome-choice form");
  if (form) form.dataset.typed = "";
  askBeforeFinishing();
});
document.addEventListener("toggle", askBeforeFinishing, true);
document.addEventListener("htmx:afterSettle", askBeforeFinishing);

void unlockSound();
showBlocks();
look();
