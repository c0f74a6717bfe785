// The page with list and map: one search, shown in both, and kept in the address.
import { showPlace, suggestPlaces } from "./near.js";
import { exchange, lengthen, mark } from "./results.js";
import { keep, kept } from "./return.js";

const form = document.querySelector("#filtres");
const words = document.querySelector("#q");
const mapElement = document.querySelector("#map");
const toggle = document.querySelector("#bascule");
const narrow = matchMedia("(max-width: 860px)");
const PAUSE_MS = 400;
let map = null;
let running = new AbortController();
let longer = null; // the list being made longer

/** The form's search as the part of an address behind the question mark; empty fields are left out. */
const query = () => {
  const given = [...new FormData(form)].map(([name, value]) => [name, value.trim()]);
  return new URLSearchParams(given.filter(([, value]) => value)).toString().replaceAll("%2C", ",");
};
const home = new URL(form.action).pathname; // of this edition
const feed = document.querySelector("link[type='application/geo+json']").href;
const address = (search) => (search ? `${home}?${search}` : home);
const here = () => location.pathname + location.search;
let asked = here(); // what the list shows, or will in a moment

async function openMap() {
  if (!globalThis.L?.markerClusterGroup) throw new Error("Leaflet is missing");
  const { EventMap } = await import("./map.js");
  map = new EventMap(mapElement, { onChosen: (id) => mark(id, { scroll: !narrow.matches }) });
  await drawPins(location.search, running.signal);
}

async function drawPins(search, signal) {
  const wanted = new URLSearchParams(search);
  wanted.delete("page");
  try {
    const response = await fetch(`${feed}?${wanted}`, { signal });
    if (!response.ok) throw new Error(`${response.status} for the map`);
    const { features } = await response.json();
    signal.throwIfAborted();
    map?.show(features);
    map?.fit({ all: !wanted.size, around: wanted.get("autour"), kilometres: wanted.get("rayon") });
  } catch (error) {
    if (error.name === "AbortError") return; // another search is on its way
    map?.show([]); // no pins rather than those of another search
    throw error;
  }
}

/** Shows another search; `entry`: whether the address becomes a new one to come back to, or takes the last one's place. */
async function search(url, entry = "new") {
  clearTimeout(typing);
  if (url === asked) return;
  asked = url;
  running.abort();
  running = new AbortController();
  const { signal } = running;
  if (entry === "new") {
    keep({ top: scrollY });
    history.pushState(null, "", url);
  } else if (entry === "same") history.replaceState(null, "", url);
  const list = document.querySelector("#resultats");
  const before = kept();
  list.classList.add("busy");
  const pins = drawPins(new URL(url, location).search, signal).catch(() => {});
  try {
    await exchange(url, signal);
    if (entry === "back") await comeBack(before, signal);
    await pins;
    list.classList.remove("busy");
  } catch (error) {
    if (error.name !== "AbortError") location.assign(url); // the server can say what is wrong better than we
  }
}

/** Makes the list as long as it was, and goes to where one was reading. */
async function comeBack({ pages = 1, top }, signal) {
  for (let page = 1; page < pages; page += 1) if (!(await lengthen({ signal, focus: false }))) break;
  if (top !== undefined) scrollTo({ top, behavior: "instant" });
}

async function more() {
  if (longer) return; // a second click must not bring the same page twice
  const { signal } = running;
  longer = lengthen({ signal });
  try {
    await longer;
    keep({ pages: (kept().pages ?? 1) + 1 });
  } catch (error) {
    if (error.name !== "AbortError") location.assign(document.querySelector("nav.more [rel=next]").href);
  } finally {
    longer = null;
  }
}

/** Sets the form to what an address says. */
function fillForm(url) {
  const wanted = new URL(url, location).searchParams;
  for (const field of form.elements) {
    if (field.type === "radio") field.checked = field.value === (wanted.get(field.name) ?? "");
    else if (field.name) field.value = wanted.get(field.name) ?? "";
  }
  showPlace();
}

function showMap(shown) {
  document.body.classList.toggle("shows-map", shown);
  toggle.textContent = shown ? "Voir la liste" : "Voir la carte";
  if (!shown) return;
  map?.resize();
  document.querySelector("#carte").scrollIntoView({ block: "start" });
}

let typing;
let typed = false; // whether the last entry in the history is of words still being typed: the next ones take its place
const searchWords = () => {
  const url = address(query());
  if (url === asked) return;
  search(url, typed ? "same" : "new");
  typed = true;
};
form.addEventListener("submit", (event) => { event.preventDefault(); searchWords(); typed = false; });
words.addEventListener("input", (event) => {
  clearTimeout(typing);
  if (!event.isComposing) typing = setTimeout(searchWords, PAUSE_MS);
});
words.addEventListener("blur", () => (typed = false));
const searchFilters = () => { typed = false; search(address(query())); };
// the selects and days are the form's, but stand outside it
document.querySelector(".filters").addEventListener("change", searchFilters);
suggestPlaces(searchFilters);
addEventListener("popstate", () => {
  typed = false;
  clearTimeout(typing);
  if (here() !== asked) { fillForm(location.href); search(here(), "back"); }
});

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-search], [data-locate], [data-view], nav.more [rel=next]");
  if (!target || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (target.matches("[data-search]")) {
    event.preventDefault();
    typed = false;
    fillForm(target.href);
    search(target.pathname + target.search);
  } else if (target.matches("[rel=next]")) { event.preventDefault(); more(); }
  else if (target.dataset.view) ready.then(() => map?.moveTo(target.dataset.view));
  else {
    mark(target.dataset.locate);
    if (narrow.matches) showMap(true);
    ready.then(() => map?.reveal(target.dataset.locate));
  }
});
toggle.addEventListener("click", () => showMap(!document.body.classList.contains("shows-map")));

// a browser that comes back fills forms with what stood in them, which may be of another search than the address;
// who types already, before we came, goes on
if (!document.activeElement.matches("#q, #pres")) form.reset();
else if (words.value !== words.defaultValue) typing = setTimeout(searchWords, PAUSE_MS);
if (narrow.matches) document.querySelector(".filters").open = false;
comeBack(kept(), running.signal).catch(() => {});
const ready = openMap().catch(() => {
  const note = document.createElement("p");
  note.className = "map-failed";
  note.textContent = "La carte n’a pas pu être chargée. La liste, elle, est complète.";
  mapElement.replaceChildren(note);
});
