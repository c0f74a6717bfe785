// The list: the server renders it; here it is only exchanged for a newer one, or made longer.

const parse = async (url, signal) => {
  const response = await fetch(url, { signal, headers: { Accept: "text/html" } });
  if (!response.ok) throw new Error(`${response.status} for ${url}`);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  signal?.throwIfAborted();
  return page;
};

/** Exchanges the list, the filters' choices and the page's title for those of another search. */
export async function exchange(url, signal) {
  const page = await parse(url, signal);
  document.title = page.title;
  exchangeChoices(page);
  document.querySelector(".filters summary").replaceChildren(...page.querySelector(".filters summary").childNodes);
  const [old, fresh] = [document, page].map((from) => from.querySelector("#resultats"));
  const hadFocus = old.contains(document.activeElement);
  old.replaceChildren(...fresh.childNodes);
  if (hadFocus) old.focus({ preventScroll: true });
  announce();
}

/** Sets the selects and days to what the server understood; the words are the visitor's, who may be typing. */
function exchangeChoices(page) {
  // copies: an option that leaves its select hands its being chosen to the next one, and would bring that here
  const options = [...page.querySelector("#departement").children].map((child) => document.importNode(child, true));
  const chosen = new Map([...page.querySelectorAll("select")].map((select) => [select.id, select.value]));
  document.querySelector("#departement").replaceChildren(...options);
  for (const [id, value] of chosen) document.getElementById(id).value = value;
  const day = page.querySelector("input[name=jour]:checked")?.value ?? "";
  for (const radio of document.querySelectorAll("input[name=jour]")) radio.checked = radio.value === day;
}

/** Tells those who cannot see it how much was found. */
function announce() {
  document.querySelector("#annonce").textContent = document.querySelector("#compte").textContent;
}

/** Adds the next page's entries to the list; `focus`: goes on reading at the first of them. */
export async function lengthen({ signal, focus = true } = {}) {
  const link = document.querySelector("nav.more [rel=next]");
  if (!link) return false;
  const page = await parse(link.href, signal);
  const entries = [...page.querySelectorAll(".cards > li")];
  document.querySelector(".cards").append(...entries);
  page.querySelector("nav.more [rel=prev]")?.remove();
  const next = page.querySelector("nav.more [rel=next]")?.closest("nav");
  const old = document.querySelector("nav.more");
  if (next) old.replaceWith(next);
  else old.remove();
  if (focus) entries[0]?.querySelector("h3 a").focus({ preventScroll: true });
  return true;
}

/** Marks one entry as the chosen one, and brings it into view if asked to. */
export function mark(id, { scroll = false } = {}) {
  document.querySelector(".card.chosen")?.classList.remove("chosen");
  const card = document.getElementById(`e-${id}`);
  card?.classList.add("chosen");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (scroll) card?.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
}
