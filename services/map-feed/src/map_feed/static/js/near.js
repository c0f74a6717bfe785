// « Près de »: a commune, suggested while it is typed; the form then says where its middle is. Where geocoding is away,
// the other filters do. The keys are those of the WAI-ARIA combobox, by @github/combobox-nav.
const field = document.querySelector("#pres"); // not there where nobody suggests communes
const around = document.querySelector("#autour");
const { autour: point, ville: town } = around.elements;
const PAUSE_MS = 200;
const MOST = 8;

/** Shows which place the form looks around, and how far; nothing where it looks around none. */
export function showPlace() {
  around.hidden = around.disabled = !point.value;
  if (field) field.value = point.value && (town.value || "ce point");
}

/** Suggests communes; calls back when the form looks around another, or around none any more. */
export async function suggestPlaces(onChosen) {
  if (!field) return;
  const library = await import("../lib/combobox-nav/index.js").catch(() => null);
  if (!library) return void (field.closest(".suggested").hidden = true);
  const list = document.querySelector("#pres-choix");
  const combobox = new library.default(field, list, { tabInsertsSuggestions: false, firstOptionSelectionMode: "active" });
  const told = document.createElement("p"); // to who does not see the list
  let asking = new AbortController();
  let pause;

  told.className = "sr";
  told.setAttribute("aria-live", "polite");
  field.after(told);

  function close() {
    clearTimeout(pause);
    asking.abort();
    told.textContent = "";
    if (list.hidden) return;
    list.hidden = true;
    combobox.stop();
  }

  function take(place) {
    close();
    point.value = place ? `${place.latitude.toFixed(4)},${place.longitude.toFixed(4)}` : "";
    town.value = place ? nameOf(place) : "";
    showPlace();
    onChosen();
  }

  function show(places) {
    if (!places.length || document.activeElement !== field) return close();
    list.replaceChildren(...places.map(asOption));
    list.hidden = false;
    combobox.start();
    told.textContent = `${places.length} ${places.length > 1 ? "communes proposées" : "commune proposée"} : Entrée prend la première, les flèches mènent aux autres.`;
  }

  function asOption(place) {
    const option = document.createElement("li");
    const [strong, small] = ["strong", "span"].map((name) => document.createElement(name));
    option.setAttribute("role", "option");
    strong.textContent = nameOf(place);
    small.textContent = aboutOf(place);
    option.append(strong, " ", small);
    option.addEventListener("combobox-commit", () => take(place));
    return option;
  }

  async function ask(asked) {
    asking = new AbortController();
    const { signal } = asking;
    try {
      const answer = await fetch(`${field.dataset.places}?${new URLSearchParams({ q: asked, limit: MOST })}`, { signal, credentials: "omit" });
      const places = answer.ok ? await answer.json() : [];
      if (!signal.aborted) show(places);
    } catch {
      if (!signal.aborted) close();
    }
  }

  function suggest() {
    clearTimeout(pause);
    asking.abort(); // its answer would be of what stood here before
    const asked = field.value.trim();
    if (!asked && point.value) take(null);
    else if (asked.length < 2) close();
    else pause = setTimeout(ask, PAUSE_MS, asked);
  }

  field.addEventListener("input", (event) => { if (!event.isComposing) suggest(); });
  field.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  field.addEventListener("blur", () => { close(); showPlace(); }); // what was not chosen is not looked around
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the field stays where one types
  if (document.activeElement === field && field.value !== field.defaultValue) suggest(); // who typed before we came
}

const nameOf = (place) => (place.district ?? place.name).replaceAll("'", "’");

function aboutOf({ matched, postcodes, department_name: department }) {
  const [first, second] = postcodes;
  const where = postcodes.length > 2 ? `${first}, ${second}…` : postcodes.join(" et ");
  return [matched, where, department].filter(Boolean).join(" · ");
}
