// A screen in the waiting room. It asks every three seconds, at once when the event stream says that something changed, and
// goes on by itself through restarts of the server or the network: what it shows stays, with the time it was true.

const { body } = document;
const data = body.dataset;
const by = (id) => document.getElementById(id);

const EVERY = 3000;
const PATIENCE = 4000;
const PAUSES = [500, 1000, 2000, 3000, 4000];
const LOST_AFTER = 5000;
const STREAM_AGAIN = 5000;
// A new version is loaded in these minutes of the branch's day, when nobody waits, and once a night.
const NIGHT = [120, 300];
const ONCE = 12 * 3600 * 1000;
const SAID_AT_ONCE = 3;

const paired = data.paired === "1";
let failures = 0;
let timer = 0;
let asking = false;
let heard = Date.now();
let ticket = data.ticket ?? "";
let stream = null;
let streamAt = 0;
let seen = new Set((by("newest")?.dataset.keys ?? "").split(" ").filter(Boolean));

// --- what is kept on the device ---

function remembered(name, usual) {
  try {
    return (localStorage.getItem(name) ?? usual) === "on";
  } catch {
    return usual === "on";
  }
}

function remember(name, on) {
  try {
    localStorage.setItem(name, on ? "on" : "off");
  } catch {
    // A browser that keeps nothing starts with what is usual each time.
  }
}

// --- sound ---

let audio = null;
const sound = { chime: remembered("display-chime", "on"), voice: remembered("display-voice", "off") };

function showSound() {
  for (const [name, on] of Object.entries(sound)) by(`wall-${name}`)?.setAttribute("aria-pressed", String(on));
  const blocked = by("wall-blocked");
  if (blocked) blocked.hidden = !(sound.chime && audio?.state === "suspended");
}

function wake() {
  if (!paired || !sound.chime) return;
  try {
    audio ??= new AudioContext();
    audio.onstatechange = showSound;
    if (audio.state === "suspended") audio.resume().catch(() => {});
  } catch {
    audio = null;
  }
}

function chime() {
  wake();
  if (!sound.chime || audio?.state !== "running") return;
  for (const [pitch, after] of [[784, 0], [587, 0.35]]) {
    const tone = audio.createOscillator();
    const loud = audio.createGain();
    const start = audio.currentTime + after;
    tone.frequency.value = pitch;
    loud.gain.setValueAtTime(0.0001, start);
    loud.gain.exponentialRampToValueAtTime(0.35, start + 0.03);
    loud.gain.exponentialRampToValueAtTime(0.0001, start + 1.1);
    tone.connect(loud).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 1.2);
  }
}

function speak(text) {
  if (!sound.voice || !("speechSynthesis" in window)) return;
  const said = new SpeechSynthesisUtterance(text);
  said.lang = "zh-CN";
  said.rate = 0.9;
  speechSynthesis.speak(said);
}

for (const name of Object.keys(sound)) {
  by(`wall-${name}`)?.addEventListener("click", () => {
    sound[name] = !sound[name];
    remember(`display-${name}`, sound[name]);
    wake();
    if (name === "voice" && !sound.voice && "speechSynthesis" in window) speechSynthesis.cancel();
    showSound();
  });
}
addEventListener("pointerdown", wake);
addEventListener("keydown", wake);

// --- clock: the branch's, not the device's ---

let clock = null;

function tick() {
  if (!clock) return;
  const seconds = clock.seconds + (performance.now() - clock.at) / 1000;
  const minutes = Math.floor(seconds / 60) % 1440;
  const text = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0")).join(":");
  put(by("wall-clock"), text);
}

// --- what is shown ---

function put(element, text) {
  const shown = text || "\u00a0";
  if (element && element.textContent !== shown) element.textContent = shown;
}

function show(calls) {
  const [newest, ...earlier] = calls;
  const words = by("wall-words").dataset;
  put(by("wall-please"), newest ? words.please : words.nobody);
  put(by("newest-number"), newest?.number);
  put(by("newest-name"), newest?.name);
  put(by("newest-place"), newest?.place);
  const rows = by("earlier");
  while (rows.rows.length > earlier.length) rows.deleteRow(-1);
  earlier.forEach((call, place) => {
    const row = rows.rows[place] ?? rows.insertRow();
    while (row.cells.length < 3) row.insertCell();
    row.cells[0].className = "num";
    [call.number, call.name, call.place].forEach((text, cell) => put(row.cells[cell], text));
  });
  const fresh = calls.filter((call) => !seen.has(call.key));
  seen = new Set(calls.map((call) => call.key));
  by("newest").dataset.keys = [...seen].join(" ");
  if (!fresh.length) return;
  chime();
  for (const call of fresh.slice(0, SAID_AT_ONCE).reverse()) speak(call.spoken);
}

function connection(lost) {
  body.classList.toggle("lost", lost);
  if (!paired) return;
  document.querySelector(".wall-live").hidden = lost;
  document.querySelector(".wall-lost").hidden = !lost;
  if (lost) put(by("wall-since"), new Date(heard).toLocaleTimeString("en-GB"));
}

// --- asking ---

function reload() {
  clearTimeout(timer);
  stream?.close();
  location.reload();
}

function newVersion(answer) {
  if (!answer.version || answer.version === data.version) return;
  if (answer.minutes !== undefined && !(answer.minutes >= NIGHT[0] && answer.minutes < NIGHT[1])) return;
  let last = 0;
  try {
    last = Number(sessionStorage.getItem("display-reloaded") ?? 0);
    sessionStorage.setItem("display-reloaded", String(Date.now()));
  } catch {
    return;
  }
  if (Date.now() - last > ONCE) reload();
}

async function ask() {
  if (asking) return;
  asking = true;
  clearTimeout(timer);
  try {
    const answer = await fetch(`${data.callsUrl}?paired=${paired ? 1 : 0}`, {
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (answer.status === 205) return reload();
    if (!answer.ok) throw new Error(String(answer.status));
    take(await answer.json());
    failures = 0;
  } catch {
    failures += 1;
  } finally {
    asking = false;
  }
  clearTimeout(timer);
  timer = setTimeout(ask, failures ? PAUSES[Math.min(failures, PAUSES.length) - 1] : EVERY);
}

function take(answer) {
  heard = Date.now();
  connection(false);
  if (paired) {
    ticket = answer.ticket;
    clock = { seconds: answer.minutes * 60 + answer.seconds, at: performance.now() };
    tick();
    show(answer.calls);
    listen();
  }
  newVersion(answer);
}

function listen() {
  if (stream || Date.now() - streamAt < STREAM_AGAIN) return;
  streamAt = Date.now();
  const address = new URL("/live/", location.href);
  address.searchParams.set("ticket", ticket);
  const opened = new EventSource(address);
  stream = opened;
  const over = () => {
    opened.close();
    if (stream === opened) stream = null;
  };
  opened.addEventListener("changed", ask);
  opened.addEventListener("resync", ask);
  opened.addEventListener("bye", over);
  opened.onerror = over;
}

setInterval(() => {
  tick();
  if (Date.now() - heard > LOST_AFTER) connection(true);
}, 500);
addEventListener("online", ask);
addEventListener("pagehide", () => stream?.close());
document.addEventListener("visibilitychange", () => document.hidden || ask());

wake();
showSound();
timer = setTimeout(ask, paired ? 200 : EVERY);
