// The list: the server renders it; here it is only exchanged for a newer one, or made longer.

const parse = async (url, signal) => {
  const response = await fetch(url, { signal, headers: { Accept: "text/html" } });
  if (!response.ok) throw new Error(`${response.status} for ${url}`);
  return new DOMParser().parseFromString(await response.text(), "text/html");
};

/** Exchanges the list, the filters' choices and the page's title for those of another search. */
export async function exchange(url, signal) {
  const page = await parse(url, signal);
  document.title = page.title;
  document.querySelector("#departement").replaceChildren(...page.querySelector("#departement").children);
  document.querySelector(".filters summary").replaceChildren(...page.querySelector(".filters summary").childNodes);
  const [old, fresh] = [document, page].map((from) => from.querySelector("#resultats"));
  // the heading stays, so that its change is announced
  const count = old.querySelector("#compte");
  count.textContent = fresh.querySelector("#compte").textContent;
  fresh.querySelector("#compte").replaceWith(count);
  old.replaceChildren(...fresh.childNodes);
}

/** Adds the next page's entries to the list and goes on reading at the first of them. */
export async function lengthen(link) {
  const page = await parse(link.href);
  const list = document.querySelector(".cards");
  const entries = [...page.querySelectorAll(".cards > li")];
  list.append(...entries);
  const [old, fresh] = [document, page].map((from) => from.querySelector("nav.more"));
  fresh.querySelector("[rel=prev]")?.remove();
  old.replaceWith(fresh);
  entries[0]?.querySelector("h3 a").focus({ preventScroll: true });
}

/** Marks one entry as the chosen one, and brings it into view if asked to. */
export function mark(id, { scroll = false } = {}) {
  document.querySelector(".card.chosen")?.classList.remove("chosen");
  const card = document.getElementById(`e-${id}`);
  card?.classList.add("chosen");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (scroll) card?.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
}
