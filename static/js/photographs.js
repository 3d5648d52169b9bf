// Photographs: sent one by one with their progress; opened whole in a dialog, the arrow keys go from one to the next.

const MOST = 20 * 1024 * 1024;
const form = document.getElementById("photographs-form");
const outcomes = document.getElementById("photographs-outcomes");

// --- taking in ---

function tell(name, sentence) {
  const list = document.createElement("ul");
  list.className = "photographs-told";
  const line = document.createElement("li");
  const file = document.createElement("bdi");
  file.textContent = name;
  line.append(file, ` ${sentence}`);
  list.append(line);
  outcomes.append(list);
}

function send(file, place, moved) {
  const data = new FormData(form);
  data.delete("pictures");
  data.append("pictures", file, file.name);
  data.set("first", String(place));
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("HX-Request", "true");
    request.upload.addEventListener("progress", (event) => moved(event.loaded));
    request.addEventListener("loadend", () => done(request));
    request.send(data);
  });
}

// What comes back is a list of ours, or a sentence on its way into the message area. Returns whether it was kept, refused,
// or is to be sent again.
function told(request, file) {
  if (request.status === 401) location.reload();
  else if (request.status === 413) tell(file.name, outcomes.dataset.large);
  else if (request.status && request.status < 500) {
    const answer = new DOMParser().parseFromString(request.responseText, "text/html");
    const list = answer.querySelector(".photographs-told");
    if (list) outcomes.append(document.importNode(list, true));
    else tell(file.name, answer.querySelector(".message-text")?.textContent.trim() || outcomes.dataset.failed);
    if (request.status < 300) return "kept";
  } else {
    tell(file.name, outcomes.dataset.failed);
    return "again";
  }
  return "refused";
}

// Which of a series a file is: it stays that when it is sent again, alone or with others.
const placeOf = new WeakMap();

function placed(files) {
  for (const [place, file] of files.entries()) if (!placeOf.has(file)) placeOf.set(file, place);
  return files;
}

// Returns what could not be sent and is to stay chosen, and what was refused.
async function sendAll(files) {
  const sending = form.querySelector("[data-sending]");
  const meter = sending.querySelector("progress");
  const count = sending.querySelector("[data-sent]");
  const button = form.querySelector("button.btn-primary");
  const whole = files.reduce((sum, file) => sum + file.size, 0) || 1;
  const again = [];
  const refused = [];
  let before = 0;
  button.disabled = true;
  sending.hidden = false;
  outcomes.replaceChildren();
  for (const [number, file] of files.entries()) {
    count.textContent = `${number + 1} / ${files.length}`;
    let became = "refused";
    if (file.size > MOST) tell(file.name, outcomes.dataset.large);
    else became = told(await send(file, placeOf.get(file), (loaded) => (meter.value = (before + loaded) / whole)), file);
    if (became === "again") again.push(file);
    if (became === "refused") refused.push(file);
    before += file.size;
    meter.value = before / whole;
  }
  sending.hidden = true;
  button.disabled = false;
  document.body.dispatchEvent(new Event("photographs-taken"));
  return { again, refused };
}

function choose(files) {
  const chosen = new DataTransfer();
  for (const file of files) chosen.items.add(file);
  form.querySelector("#id_pictures").files = chosen.files;
}

form?.addEventListener("submit", (event) => {
  const chosen = form.querySelector("#id_pictures");
  if (event.defaultPrevented || !chosen.files.length) return;
  event.preventDefault();
  delete form.dataset.sent;
  void sendAll(placed([...chosen.files])).then(({ again }) => {
    choose(again);
    chosen.focus();
  });
});

// A tablet takes pictures itself: each is sent as soon as it is taken. In a series it goes on from one to the next; with
// another view, stage, treatment or day a series begins anew, and one that was refused is taken once more.
let series = { next: 0 };
form?.addEventListener("change", (event) => {
  if (["view", "stage", "treatment", "taken_on"].includes(event.target.name)) series = { next: 0 };
});
const camera = document.getElementById("id_camera");
if (camera && matchMedia("(pointer: coarse)").matches) {
  camera.hidden = false;
  form.querySelector(".photographs-camera").hidden = false;
  camera.addEventListener("change", () => {
    const taken = [...camera.files];
    camera.value = "";
    if (!taken.length) return;
    const its = series;
    for (const file of taken) placeOf.set(file, its.next++);
    const keepChosen = (files) => files.length && choose([...form.querySelector("#id_pictures").files, ...files]);
    if (document.body.classList.contains("offline")) {
      tell(taken[0].name, outcomes.dataset.failed);
      keepChosen(taken);
      return;
    }
    void sendAll(taken).then(({ again, refused }) => {
      if (refused.some((file) => placeOf.get(file) === its.next - 1)) its.next -= 1;
      keepChosen(again);
    });
  });
}

// --- one photograph, whole ---

const dialog = document.getElementById("photograph-dialog");
const shots = () => [...document.querySelectorAll("#photographs [data-shot]")];
let open = null;

function show(shot) {
  open = shot;
  const all = shots();
  const image = dialog.querySelector("[data-whole]");
  image.src = shot.href;
  image.alt = shot.dataset.caption;
  dialog.querySelector("[data-caption]").textContent = shot.dataset.caption;
  dialog.querySelector("[data-place]").textContent = `${all.indexOf(shot) + 1} / ${all.length}`;
  dialog.querySelector("[data-save]").href = `${shot.href}?save`;
  const remove = dialog.querySelector("[data-remove]");
  remove.hidden = !shot.dataset.removeAt;
  if (shot.dataset.removeAt) remove.href = shot.dataset.removeAt;
  for (const step of dialog.querySelectorAll("[data-step]")) step.disabled = !all[all.indexOf(shot) + Number(step.dataset.step)];
  if (!dialog.open) dialog.showModal();
}

document.addEventListener("click", (event) => {
  const shot = event.target.closest?.("[data-shot]");
  if (shot && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    show(shot);
  }
  const step = event.target.closest?.("[data-step]");
  if (step && open) {
    // The list may have been drawn anew while the dialog was open: the photograph is looked for by its name.
    const all = shots();
    const next = all[all.findIndex((one) => one.id === open.id) + Number(step.dataset.step)];
    if (next) show(next);
  }
});
dialog?.addEventListener("close", () => {
  dialog.querySelector("[data-whole]").removeAttribute("src");
  document.getElementById(open?.id)?.focus();
});
