// Keeps the page up to date. One event stream a page; each change of a topic becomes an event `live-<topic>` on the body,
// to which regions listen with hx-trigger. Without streams it polls; without a server it says so within five seconds.

const body = document.body;
const data = body.dataset;
const banner = document.getElementById("offline-banner");
const since = document.getElementById("offline-since");

const QUIET = 5000; // the server beats every 3 s
const POLL = 5000;
const TICKET_FRESH = 45000;
const HIDDEN_FOR = 30000;
const STILL_LEAVING = 10000;
const PAUSES = [300, 700, 1500, 3000, 4000];

const topics = JSON.parse(data.liveTopics);
const headers = { ...JSON.parse(body.getAttribute("hx-headers")), "HX-Request": "true", "X-Background": "1" };
// A browser opens six connections to a server without HTTP/2: pages nobody looks at give theirs back.
const manyStreams = /^h[23]/.test(performance.getEntriesByType("navigation")[0]?.nextHopProtocol ?? "");

let ticket = data.liveTicket;
let ticketAt = performance.now();
let after = data.liveAfter;
let source = null;
let failures = 0;
let heard = Date.now();
let current = Date.now();
let timer = 0;
let resting = false;
let leaving = false;
let leavingAt = -Infinity;

// A page that is being left already (a kiosk that was just begun has ended the session) is not called back.
const beingLeft = () => performance.now() - leavingAt < STILL_LEAVING;
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.status === 401 && beingLeft()) event.preventDefault();
});

const clock = (time) => new Date(time).toLocaleTimeString("en-GB");

function show(state) {
  if (data.connection === state) return;
  data.connection = state;
  const off = state === "offline";
  body.classList.toggle("offline", off);
  banner.hidden = !off;
  if (off) {
    since.textContent = clock(current);
    since.dateTime = new Date(current).toISOString();
  }
  for (const control of document.querySelectorAll("[data-needs-fresh]")) control.toggleAttribute("aria-disabled", off);
  body.dispatchEvent(new CustomEvent("connection", { detail: state }));
}

const changedAt = new Map();

function tell(names) {
  for (const name of names) {
    changedAt.set(name, performance.now());
    body.dispatchEvent(new CustomEvent(`live-${name}`));
  }
}

// A change heard while a region's answer is on its way may be missing in it, and the region that heard it is replaced
// together with its waiting triggers: what listens to such a topic in the new content is told once more.
const sentAt = new WeakMap();
document.addEventListener("htmx:beforeSend", (event) => sentAt.set(event.detail.xhr, performance.now()));
document.addEventListener("htmx:afterSettle", (event) => {
  const sent = sentAt.get(event.detail.xhr);
  const fresh = event.detail.elt;
  if (sent === undefined || !fresh?.isConnected) return;
  for (const [name, at] of changedAt) {
    const listens = `[hx-trigger*="live-${name} "]`;
    if (at >= sent && (fresh.matches(listens) || fresh.querySelector(listens)))
      body.dispatchEvent(new CustomEvent(`live-${name}`));
  }
});

function close() {
  source?.close();
  source = null;
}

async function renew() {
  const answer = await fetch(data.liveTicketUrl, {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ ticket }),
    signal: AbortSignal.timeout(4000),
  });
  if (answer.status === 401 || answer.status === 403) {
    if (beingLeft()) throw new Error("leaving");
    leaving = true;
    location.reload();
    throw new Error("session ended");
  }
  if (!answer.ok) throw new Error(String(answer.status));
  ticket = (await answer.json()).ticket;
  ticketAt = performance.now();
}

function later() {
  clearTimeout(timer);
  const pause = PAUSES[Math.min(failures, PAUSES.length - 1)];
  failures += 1;
  timer = setTimeout(connect, pause * (0.75 + Math.random() / 2));
}

function lost() {
  close();
  if (!leaving && !resting) later();
}

async function connect() {
  close();
  if (leaving || resting) return;
  if (failures || performance.now() - ticketAt > TICKET_FRESH) {
    try {
      await renew();
    } catch {
      if (leaving) return;
      show("offline");
      return later();
    }
    if (failures > 2) poll();
  }
  const address = new URL(data.liveUrl, location.href);
  address.searchParams.set("ticket", ticket);
  if (after) address.searchParams.set("after", after);
  const opened = new EventSource(address);
  source = opened;
  heard = Date.now();
  const on = (name, act) =>
    opened.addEventListener(name, (event) => {
      if (opened !== source) return;
      heard = Date.now();
      if (event.lastEventId) after = event.lastEventId;
      act(event);
    });
  on("hello", () => {
    failures = 0;
    current = heard;
    show("live");
  });
  on("beat", () => {
    current = heard;
  });
  on("changed", (event) => {
    current = heard;
    tell(JSON.parse(event.data));
  });
  on("resync", () => {
    current = heard;
    tell(topics);
  });
  on("poll", poll);
  on("bye", () => {
    ticketAt = -Infinity;
    lost();
  });
  opened.onerror = () => opened === source && lost();
}

function poll() {
  show("polling");
  tell(topics);
}

// A refetch that came back while polling proves that the page is current; one that could not be sent, that it is not.
document.addEventListener("htmx:afterRequest", (event) => {
  if (data.connection === "polling" && event.detail.successful) current = Date.now();
});
document.addEventListener("htmx:sendError", () => {
  if (data.connection === "polling") show("offline");
});

setInterval(() => {
  if (leaving || resting) return;
  if (data.connection === "polling") tell(topics);
}, POLL);

setInterval(() => {
  if (leaving || resting || document.hidden) return;
  if (source && Date.now() - heard > QUIET) {
    if (data.connection !== "polling") show("offline");
    lost();
  }
}, 500);

addEventListener("offline", () => {
  show("offline");
  lost();
});
addEventListener("online", () => {
  failures = Math.min(failures, 1);
  clearTimeout(timer);
  connect();
});

let hiding = 0;
document.addEventListener("visibilitychange", () => {
  clearTimeout(hiding);
  if (document.hidden) {
    if (manyStreams || "liveAlways" in data || document.querySelector("[data-live-always]")) return;
    hiding = setTimeout(() => {
      resting = true;
      clearTimeout(timer);
      close();
    }, HIDDEN_FOR);
  } else if (resting) {
    resting = false;
    connect();
  } else {
    heard = Math.max(heard, Date.now() - QUIET + 1500);
  }
});
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  leaving = false;
  tell(topics);
  connect();
});
addEventListener("beforeunload", () => {
  leavingAt = performance.now();
});
addEventListener("pagehide", () => {
  leaving = true;
  clearTimeout(timer);
  close();
});
connect();
