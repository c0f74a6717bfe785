// The page with list and map: one search, shown in both, and kept in the address.
import { exchange, lengthen, mark } from "./results.js";

const form = document.querySelector("#filtres");
const mapElement = document.querySelector("#map");
const toggle = document.querySelector("#bascule");
const narrow = matchMedia("(max-width: 860px)");
let map = null;
let running = new AbortController();

/** The form's search as the part of an address behind the question mark; empty fields are left out. */
const query = () => new URLSearchParams([...new FormData(form)].filter(([, value]) => value.trim())).toString();
const address = (search) => (search ? `/?${search}` : "/");

async function openMap() {
  if (!globalThis.L?.markerClusterGroup) throw new Error("Leaflet is missing");
  const { EventMap } = await import("./map.js");
  map = new EventMap(mapElement, { onChosen: (id) => mark(id, { scroll: !narrow.matches }) });
  await drawPins(location.search.slice(1));
}

async function drawPins(search, signal) {
  const wanted = new URLSearchParams(search);
  wanted.delete("page");
  const response = await fetch(`/evenements.geojson?${wanted}`, { signal });
  const { features } = await response.json();
  map?.show(features);
  map?.fit({ all: !wanted.size });
}

async function search(url, { push = true } = {}) {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  if (push) history.pushState(null, "", url);
  document.querySelector("#resultats").classList.add("busy");
  try {
    await Promise.all([exchange(url, signal), drawPins(new URL(url, location).search.slice(1), signal)]);
    document.querySelector("#resultats").classList.remove("busy");
  } catch (error) {
    if (error.name !== "AbortError") location.assign(url); // the server can say what is wrong better than we
  }
}

/** Sets the form to what an address says. */
function fillForm(url) {
  const wanted = new URL(url, location).searchParams;
  for (const field of form.elements) {
    if (field.type === "radio") field.checked = field.value === (wanted.get(field.name) ?? "");
    else if (field.name) field.value = wanted.get(field.name) ?? "";
  }
}

function showMap(shown) {
  document.body.classList.toggle("shows-map", shown);
  toggle.textContent = shown ? "Voir la liste" : "Voir la carte";
  if (!shown) return;
  map?.resize();
  document.querySelector("#carte").scrollIntoView({ block: "start" });
}

let typing;
form.addEventListener("submit", (event) => { event.preventDefault(); clearTimeout(typing); search(address(query())); });
form.addEventListener("input", ({ target }) => {
  if (target.id !== "q") return;
  clearTimeout(typing);
  typing = setTimeout(() => search(address(query())), 400);
});
// the selects and days are the form's, but stand outside it
document.querySelector(".filters").addEventListener("change", () => search(address(query())));
addEventListener("popstate", () => { fillForm(location.href); search(location.href, { push: false }); });

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-search], [data-locate], [data-view], nav.more [rel=next]");
  if (!target || event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (target.matches("[data-search]")) { event.preventDefault(); fillForm(target.href); search(target.href); }
  else if (target.matches("[rel=next]")) { event.preventDefault(); lengthen(target).catch(() => location.assign(target.href)); }
  else if (target.dataset.view) ready.then(() => map?.moveTo(target.dataset.view));
  else {
    mark(target.dataset.locate);
    if (narrow.matches) showMap(true);
    ready.then(() => map?.reveal(target.dataset.locate));
  }
});
toggle.addEventListener("click", () => showMap(!document.body.classList.contains("shows-map")));

if (narrow.matches) document.querySelector(".filters").open = false;
const ready = openMap().catch(() => {
  const note = document.createElement("p");
  note.className = "map-failed";
  note.textContent = "La carte n’a pas pu être chargée. La liste, elle, est complète.";
  mapElement.replaceChildren(note);
});
