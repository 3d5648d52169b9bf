// The record of a consultation. Every key goes into this browser at once and to the server shortly after; what the server
// does not have is sent again until it has it. A window sends a section with the text it last had from the server, so
// that two windows never write over each other: they are told, and choose.

const form = document.getElementById("record-form");

const SOON = 700;
const AT_LATEST = 3000;
const PAUSES = [1000, 2000, 4000, 8000, 15_000];
const PATIENCE = 15_000;
const ANSWERS = 250;
const LOOK_AROUND = 15_000;
const KEEPALIVE_LIMIT = 60_000;

function open() {
  const { staff, consultation, url } = form.dataset;
  const me = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  const prefix = `draft:${staff}:${consultation}:`;
  const key = prefix + me;
  const channel = new BroadcastChannel(`record:${staff}:${consultation}`);
  const sections = new Map();
  let version = Number(form.dataset.version);

  for (const place of form.querySelectorAll("[data-section]")) {
    const area = place.querySelector("textarea");
    sections.set(place.dataset.section, {
      place,
      area,
      base: area.defaultValue, // what the server said last
      sent: null, // what is on its way
      lost: new Set(), // what was sent and may have arrived, though no answer came
      theirs: null, // what another window wrote over the base
      wrong: false,
    });
  }
  const changed = (section) => section.area.value !== section.base;
  const unsaved = () => [...sections.values()].some(changed);
  const sendable = () => [...sections].filter(([, section]) => changed(section) && section.theirs === null && !section.wrong);

  // --- what is told ---

  function tell(state, words = "") {
    form.dataset.state = state;
    for (const line of document.querySelectorAll("[data-record-state]")) line.hidden = line.dataset.recordState !== state;
    const place = document.querySelector(`[data-record-state="${state}"] [data-words]`);
    if (place) place.textContent = words;
  }
  function note(name, shown, words = "") {
    const line = form.querySelector(`[data-record-note="${name}"]`);
    line.hidden = !shown;
    if (words) line.querySelector("[data-words]").textContent = words;
  }
  let savedAt = "";
  function tellWhere() {
    if (form.dataset.state === "refused" || form.dataset.state === "signed-out") return;
    if ([...sections.values()].some((section) => section.wrong)) tell("wrong");
    else if ([...sections.values()].some((section) => section.theirs !== null)) tell("conflict");
    else if (unsaved()) tell(failures ? "later" : "typing");
    else if (savedAt) tell("saved", savedAt);
    else tell("idle");
  }
  function conflict(section, theirs) {
    section.theirs = theirs;
    section.place.classList.add("record-conflict");
    section.place.querySelector("[data-conflict]").hidden = false;
    section.place.querySelector("[data-theirs]").textContent = theirs || form.dataset.nothing;
  }
  function settled(section) {
    section.theirs = null;
    section.place.classList.remove("record-conflict");
    section.place.querySelector("[data-conflict]").hidden = true;
  }
  function show(section, text) {
    const { area } = section;
    const here = document.activeElement === area;
    const [from, to] = [area.selectionStart, area.selectionEnd];
    area.value = text;
    if (here) area.setSelectionRange(from, to);
  }

  // --- the copy in this browser ---

  function keep() {
    const kept = {};
    for (const [name, section] of sections) {
      const { area, base, sent, lost } = section;
      if (changed(section)) kept[name] = { text: area.value, base, ours: [sent, ...lost] };
    }
    try {
      if (Object.keys(kept).length) localStorage.setItem(key, JSON.stringify({ at: Date.now(), sections: kept }));
      else localStorage.removeItem(key);
    } catch {
      // Full or forbidden: the server still gets it.
    }
  }

  // Drafts of windows that are gone. Of several that say different things the newest is taken; the others stay where they
  // are and come up the next time.
  function adopt(alive) {
    const found = Object.keys(localStorage)
      .filter((name) => name.startsWith(prefix) && name !== key && !alive.has(name.slice(prefix.length)))
      .map((name) => [name, JSON.parse(localStorage.getItem(name))])
      .sort(([, one], [, other]) => other.at - one.at);
    let restoredAt = 0;
    for (const [name, draft] of found) {
      let all = true;
      for (const [which, { text, base, ours }] of Object.entries(draft.sections)) {
        const section = sections.get(which);
        if (!section || section.area.value === text) continue;
        if (changed(section)) {
          all = false;
          continue;
        }
        const known = section.base;
        section.area.value = text;
        if (known !== base && !ours.includes(known)) {
          section.base = base;
          conflict(section, known);
        }
        restoredAt = Math.max(restoredAt, draft.at);
      }
      keep();
      if (all) localStorage.removeItem(name);
    }
    if (restoredAt) note("restored", true, new Date(restoredAt).toLocaleTimeString("en-GB"));
  }

  // --- to the server and back, one request at a time ---

  let busy = null;
  let asked = false;
  let failures = 0;
  let timer = 0;
  let first = 0;

  const request = (options) =>
    fetch(url, {
      ...options,
      headers: { ...JSON.parse(document.body.getAttribute("hx-headers")), "HX-Request": "true", ...options.headers },
      signal: AbortSignal.timeout(PATIENCE),
    });

  function body(names) {
    const data = new FormData();
    let size = 0;
    for (const name of names) {
      const section = sections.get(name);
      // What is on its way counts as arrived: only so a window that closes can send what came after it.
      const seen = section.sent ?? section.base;
      data.set(name, section.area.value);
      data.set(`seen_${name}`, seen);
      size += 3 * (section.area.value.length + seen.length);
    }
    return { body: data, keepalive: size < KEEPALIVE_LIMIT };
  }

  function soon() {
    clearTimeout(timer);
    const now = performance.now();
    first ||= now;
    timer = setTimeout(save, Math.max(0, Math.min(SOON, first + AT_LATEST - now)));
  }
  function again() {
    clearTimeout(timer);
    const pause = PAUSES[Math.min(failures, PAUSES.length - 1)];
    failures += 1;
    tellWhere();
    timer = setTimeout(save, pause * (0.75 + Math.random() / 2));
  }

  // Resolves when nothing is on its way and what could be sent was tried.
  function save() {
    clearTimeout(timer);
    busy ??= work().finally(() => {
      busy = null;
      if (failures || !active()) return;
      if (asked) void save();
      else if (sendable().length) soon();
    });
    return busy;
  }
  const active = () => form.dataset.state !== "refused" && form.dataset.state !== "signed-out";

  async function work() {
    first = 0;
    const names = sendable().map(([name]) => name);
    if (!active() || (!names.length && !asked)) return;
    const writing = names.length > 0;
    asked = false;
    const options = writing ? { method: "POST", ...body(names) } : { headers: { "X-Background": "1" } };
    if (writing) {
      for (const name of names) sections.get(name).sent = sections.get(name).area.value;
      keep();
    }
    let answer;
    let said;
    try {
      answer = await request(options);
      if (answer.status >= 500) throw new Error(String(answer.status));
      if ([401, 403].includes(answer.status)) return tell("signed-out");
      if (answer.status === 404) return tell("refused", form.dataset.gone);
      said = await answer.json();
    } catch {
      for (const name of names) forget(name);
      asked ||= !writing;
      return again();
    }
    failures = 0;
    if (said.refused) return tell("refused", said.refused);
    if (said.wrong) {
      for (const name of names) forget(name);
      for (const [name, words] of Object.entries(said.wrong)) wrong(sections.get(name), words);
      return tellWhere();
    }
    for (const name of names) {
      const section = sections.get(name);
      if (!(name in said.theirs)) {
        section.base = section.sent;
        section.lost.clear();
      }
      section.sent = null;
    }
    if (writing) savedAt = said.at;
    take(said);
    if (writing) channel.postMessage({ kind: "saved", from: me, version: said.version });
    keep();
    tellWhere();
  }

  // The request may have arrived and only its answer been lost: then the server says by now what was sent.
  function forget(name) {
    const section = sections.get(name);
    section.lost.add(section.sent);
    section.sent = null;
  }
  function wrong(section, words) {
    section.wrong = true;
    const place = section.place.querySelector("[data-wrong]");
    place.hidden = false;
    place.textContent = words;
  }

  // What the server says now. Something older than what this window knows already tells nothing.
  function take(said) {
    if (said.version < version) return;
    version = said.version;
    let news = false;
    for (const [name, section] of sections) {
      const text = said.sections[name];
      if (text === section.base) {
        if (section.theirs !== null) settled(section);
      } else if (text === section.area.value) {
        section.base = text;
        settled(section);
      } else if (!changed(section)) {
        section.base = text;
        show(section, text);
        news = true;
      } else if (section.lost.has(text)) {
        section.base = text;
        section.lost.clear();
        settled(section);
      } else {
        conflict(section, text);
      }
    }
    if (news) note("elsewhere", true, said.at);
  }

  function look() {
    asked = true;
    void save();
  }

  // --- hands on the page ---

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    const section = sections.get(event.target.closest("[data-section]")?.dataset.section);
    if (!section) return;
    section.wrong = false;
    section.place.querySelector("[data-wrong]").hidden = true;
    keep();
    tellWhere();
    if (!failures) soon();
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    const section = sections.get(button?.closest("[data-section]")?.dataset.section);
    if (!section) return;
    if ("takeHint" in button.dataset) {
      const hint = section.place.querySelector("[data-hint-text]").textContent;
      section.area.value = [section.area.value.trimEnd(), hint].filter(Boolean).join("\n");
      section.place.querySelector("[data-hint]").hidden = true;
      section.area.dispatchEvent(new Event("input", { bubbles: true }));
      section.area.focus();
      return;
    }
    if (section.theirs === null) return;
    section.base = section.theirs;
    if ("takeTheirs" in button.dataset) section.area.value = section.theirs;
    settled(section);
    keep();
    tellWhere();
    section.area.focus();
    void save();
  });

  // --- coming and going ---

  document.body.addEventListener(`live-record-${consultation}`, look);
  addEventListener("online", () => {
    failures = Math.min(failures, 1);
    look();
  });
  function back() {
    failures = 0;
    look();
  }
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) back();
    else if (sendable().length) void save();
  });
  document.addEventListener("resume", back);
  addEventListener("pageshow", (event) => event.persisted && (channel.postMessage({ kind: "hello", from: me }), back()));
  addEventListener("pagehide", () => {
    channel.postMessage({ kind: "bye", from: me });
    keep();
    const names = sendable()
      .filter(([, section]) => section.sent !== section.area.value)
      .map(([name]) => name);
    if (names.length && active()) void request({ method: "POST", ...body(names) }).catch(() => {});
  });
  document.addEventListener("drafts-flush", (event) => {
    failures = 0;
    event.detail.push(Promise.race([save().then(save), new Promise((done) => setTimeout(done, AT_LATEST))]));
  });

  // --- other windows of this browser ---

  const others = new Set();
  const showOthers = () => note("another", others.size > 0);
  channel.addEventListener("message", ({ data }) => {
    if (data.kind === "bye") others.delete(data.from);
    else others.add(data.from);
    if (data.kind === "hello") channel.postMessage({ kind: "here", from: me });
    if (data.kind === "saved" && data.version > version) look();
    showOthers();
  });
  function askAround() {
    others.clear();
    channel.postMessage({ kind: "hello", from: me });
    return new Promise((done) => setTimeout(done, ANSWERS));
  }
  setInterval(() => {
    if (others.size) void askAround().then(showOthers);
  }, LOOK_AROUND);

  tellWhere();
  void askAround().then(() => {
    adopt(others);
    tellWhere();
    showOthers();
    void save();
  });
}

if (form) open();
