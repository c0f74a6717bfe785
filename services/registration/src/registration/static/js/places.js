// The commune of an event, suggested while its name or its postcode is typed. Without this, or where geocoding is away,
// two plain fields do. The keys are those of the WAI-ARIA combobox, by @github/combobox-nav.
const form = document.querySelector("#formulaire");
const city = document.querySelector("#venue-city");
const postcode = document.querySelector("#venue-postcode");
const code = document.querySelector("#venue-commune_code");
const PAUSE_MS = 200;
const MOST = 8;
const { default: Combobox } = await import(form.dataset.combobox);

const told = document.createElement("p"); // to who does not see the list
told.className = "sr";
told.setAttribute("aria-live", "polite");
form.append(told);

const FRENCH = new Intl.ListFormat("fr");
let chosen = code.value && { code: code.value.split(" ")[0], name: city.value, postcodes: [postcode.value] };

/** Keeps the code for as long as the fields say what was chosen; the server looks once more. */
function keep() {
  const stands = chosen && city.value === chosen.name && chosen.postcodes.includes(postcode.value);
  code.value = stands ? `${chosen.code} ${postcode.value} ${city.value}` : "";
}

function fill(place, itsPostcode) {
  chosen = place;
  city.value = place.name;
  postcode.value = itsPostcode;
  keep();
  postcode.dispatchEvent(new Event("change", { bubbles: true })); // the form is kept, the map looks there
}

/** One commune, as something to take. Where it has several postcodes, and none of them is there yet, they are next. */
function communeToTake(place) {
  const [first, second] = place.postcodes;
  const many = place.postcodes.length > 2;
  const postcodes = many ? `${first}, ${second}…` : FRENCH.format(place.postcodes);
  return {
    title: place.name,
    words: `${place.matched ? `${place.matched} · ` : ""}${postcodes} · ${place.department_name}`,
    take() {
      const its = place.postcodes.length === 1 ? first : place.postcodes.find((one) => one === postcode.value) ?? "";
      fill(place, its);
      if (its) return;
      postcode.focus();
      atPostcode.show(place.postcodes.map((one) => postcodeToTake(place, one)), ["code postal proposé", "codes postaux proposés"]);
    },
  };
}

const postcodeToTake = (place, one) => ({ title: one, words: place.name, take: () => fill(place, one) });

/** The list below a field. `question`: what is asked for, by what stands in the fields; empty: nothing. */
function suggestAt(input, question) {
  const list = document.querySelector(`#${input.id}-choix`);
  const combobox = new Combobox(input, list, { tabInsertsSuggestions: false });
  let asking = new AbortController();
  let pause;

  function close() {
    clearTimeout(pause);
    asking.abort();
    told.textContent = "";
    if (list.hidden) return;
    list.hidden = true;
    combobox.stop();
  }

  function show(choices, [one, several]) {
    if (!choices.length || document.activeElement !== input) return close();
    list.replaceChildren(...choices.map(asOption));
    list.hidden = false;
    combobox.start();
    told.textContent = `${choices.length} ${choices.length > 1 ? several : one} : flèches haut et bas, puis Entrée.`;
  }

  function asOption({ title, words, take }) {
    const option = document.createElement("li");
    const [strong, small] = ["strong", "span"].map((name) => document.createElement(name));
    option.setAttribute("role", "option");
    strong.textContent = title;
    small.textContent = words;
    option.append(strong, " ", small);
    option.addEventListener("combobox-commit", () => { close(); take(); });
    return option;
  }

  async function ask(asked) {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    try {
      const answer = await fetch(`${form.dataset.places}?${new URLSearchParams({ q: asked, limit: MOST })}`, { signal, credentials: "omit" });
      const places = answer.ok ? await answer.json() : [];
      if (!signal.aborted) show(places.map(communeToTake), ["commune proposée", "communes proposées"]);
    } catch {
      if (!signal.aborted) close();
    }
  }

  input.autocomplete = "off"; // two lists would lie one above the other
  input.addEventListener("input", (event) => {
    keep();
    if (event.isComposing) return;
    clearTimeout(pause);
    const asked = question();
    if (asked.length < 2) close();
    else pause = setTimeout(ask, PAUSE_MS, asked);
  });
  input.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  input.addEventListener("blur", close);
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the field stays where one types
  return { show };
}

const digits = () => postcode.value.replace(/\D/g, "");
const atPostcode = suggestAt(postcode, digits);
suggestAt(city, () => (city.value.trim().length < 2 ? "" : `${digits().length === 5 ? digits() : ""} ${city.value}`.trim()).slice(0, 100));
