// What somebody typed and the server does not have yet lies in this browser under `draft:<person>:…`, and is that
// person's alone: it goes when she signs out, and when somebody else signs in here.

const PREFIX = "draft:";
const LEAVING = "signing-out";
const { staff } = document.body.dataset;
const drafts = () => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
const mine = () => drafts().filter((key) => key.startsWith(`${PREFIX}${staff}:`));

function clear(keys) {
  for (const key of keys) localStorage.removeItem(key);
}

if (staff) {
  localStorage.removeItem(LEAVING);
  const own = mine();
  clear(drafts().filter((key) => !own.includes(key)));
} else if (localStorage.getItem(LEAVING)) {
  // A session that merely ran out leaves no mark: what was typed waits until the same person is back.
  clear(drafts());
  localStorage.removeItem(LEAVING);
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!("signOut" in form.dataset)) return;
    if (form.dataset.looked || mine().length === 0) {
      localStorage.setItem(LEAVING, staff);
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    const waits = [];
    document.dispatchEvent(new CustomEvent("drafts-flush", { detail: waits }));
    void Promise.allSettled(waits).then(() => {
      if (mine().length) form.dataset.confirm = form.dataset.unsaved;
      form.dataset.looked = "yes";
      form.requestSubmit(event.submitter);
      delete form.dataset.looked;
      // The answer to the question sends the form once more.
      if (form.dataset.confirm) form.dataset.looked = "yes";
      delete form.dataset.confirm;
    });
  },
  true,
);
