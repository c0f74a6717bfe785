// The desk by the keyboard. Every key is written on the element that it stands for (aria-keyshortcuts): without this
// script all of them are reached with Tab and Enter.
const OFF = "relecture-sans-raccourcis";
const NEXT_TOKEN_MS = 5 * 60 * 1000; // an access token lives a quarter of an hour

const keysAreOff = () => localStorage.getItem(OFF) === "1";
const isWriting = (target) => target.closest("input:not([type=checkbox],[type=radio]), textarea, select, [contenteditable]");
const shown = (element) => element && element.getClientRects().length > 0;

function rows() {
  return [...document.querySelectorAll("[data-row]")];
}

function move(step) {
  const all = rows();
  if (!all.length) return false;
  const here = all.findIndex((row) => row.contains(document.activeElement));
  const there = all[Math.min(all.length - 1, Math.max(0, here + step))];
  there.querySelector("a").focus();
  there.scrollIntoView({ block: "nearest" });
  return true;
}

function open(summary) {
  const panel = summary.closest("details");
  for (const other of document.querySelectorAll(".words details[open]")) if (other !== panel) other.open = false;
  panel.open = true;
  const first = panel.querySelector("[data-first]") ?? panel.querySelector("input:not([type=hidden]), textarea, select");
  (first ?? summary).focus();
  panel.scrollIntoView({ block: "nearest" });
}

function press(key) {
  if ((key === "j" || key === "k") && move(key === "j" ? 1 : -1)) return true;
  const element = [...document.querySelectorAll(`[aria-keyshortcuts~="${CSS.escape(key)}"]`)].find(shown);
  if (!element) return false;
  if (element.tagName === "SUMMARY") open(element);
  else if (element.matches("input, textarea, select")) element.focus();
  else element.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const panel = document.activeElement?.closest(".words details[open]");
    if (panel) {
      panel.open = false;
      panel.querySelector("summary").focus();
    } else if (isWriting(event.target)) event.target.blur();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  // in a small text, Enter with Ctrl sends; a letter is a letter wherever one writes
  if (keysAreOff() || isWriting(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "x") {
    const box = document.activeElement?.closest("[data-row]")?.querySelector("input[type=checkbox]");
    if (box) box.click();
    return;
  }
  if (press(event.key)) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea")) {
    event.target.form.requestSubmit();
  }
});

// a sentence is begun from the one that is chosen
document.addEventListener("focusin", (event) => {
  const text = event.target;
  if (!text.matches("textarea[data-begins]") || text.value) return;
  const chosen = text.closest("fieldset, form").querySelector(`input[name="${text.dataset.begins}"]:checked`);
  if (chosen?.dataset.text) text.value = chosen.dataset.text;
});
// another one is chosen: what was not changed by hand goes with it
document.addEventListener("change", (event) => {
  const radio = event.target;
  if (!radio.matches("input[type=radio][data-text]")) return;
  const text = radio.form.querySelector(`textarea[data-begins="${radio.name}"]`);
  const theirs = [...radio.form.elements].some((one) => one.name === radio.name && one.dataset.text === text?.value);
  if (text && theirs) text.value = radio.dataset.text;
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) {
    for (const box of document.querySelectorAll("[data-row] input[type=checkbox]")) box.checked = event.target.checked;
  }
  if (event.target.matches("#raccourcis")) {
    if (event.target.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  }
  if (event.target.closest(".filters")) event.target.form.requestSubmit();
});

document.addEventListener("click", (event) => {
  const help = event.target.closest("a[data-help]");
  const dialog = document.querySelector("#aide");
  if (help && dialog && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    dialog.showModal();
  }
  if (event.target.closest("[data-close]")) dialog?.close();
});

function begin() {
  document.documentElement.classList.add("js");
  const toggle = document.querySelector("#raccourcis");
  if (toggle) toggle.checked = !keysAreOff();
  const wrong = document.querySelector("[aria-invalid=true]");
  if (wrong) {
    const panel = wrong.closest("details");
    if (panel) panel.open = true;
    wrong.focus();
  }
}

// HTMX has put another page in the place of this one: where it begins is said to who does not see it
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target !== document.body) return;
  begin();
  if (document.activeElement === document.body) document.querySelector("#contenu")?.focus({ preventScroll: true });
});
// the sign-in may be at another address, which a script may not read: the browser goes there itself
document.addEventListener("htmx:sendError", () => location.reload());

setInterval(() => {
  const url = document.querySelector('meta[name="suite"]')?.content;
  if (url && document.visibilityState === "visible") fetch(url, { method: "POST", mode: "no-cors", credentials: "include" });
}, NEXT_TOKEN_MS);

begin();
