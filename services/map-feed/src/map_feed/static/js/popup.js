// What a pin says: its name for those who cannot see it, and its popup. Text only, never HTML from an event.

const typeset = (text) => text.replace(/(?<=\p{L})'(?=\p{L})/gu, "’").replace(/ (?=[;!?])/g, "\u202f").replace(/ (?=[:»])|(?<=«) /g, "\u00a0");

const dayFormat = new Intl.DateTimeFormat("fr-FR", { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });

// the local day and hour of the place are in the text itself: a visitor's own time zone must not move them
const day = (instant) => dayFormat.format(new Date(`${instant.slice(0, 10)}T00:00:00Z`));
const hour = (instant) => `${Number(instant.slice(11, 13))}\u00a0h${instant.slice(14, 16) === "00" ? "" : `\u00a0${instant.slice(14, 16)}`}`;

export function when({ starts_at: starts, ends_at: ends }) {
  return starts.slice(0, 10) === ends.slice(0, 10)
    ? `${day(starts)}, de ${hour(starts)} à ${hour(ends)}`
    : `du ${day(starts)} au ${day(ends)}`;
}

// what is said of an event that does not take place as announced; one that has moved online has no pin
const STATES = { cancelled: "Annulé", postponed: "Reporté", rescheduled: "Nouvelle date" };

export const isOff = ({ status }) => status === "cancelled" || status === "postponed";
export const pinName = ({ title, city, status, ...times }) => [STATES[status], title, city, when(times)].filter(Boolean).join(", ");

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

export function popupOf({ id, title, organisation, city, department, precision, status, ...times }) {
  const popup = element("div", "popup", "");
  const link = element("a", "", "Voir la fiche");
  link.href = `/evenements/${id}`;
  link.setAttribute("aria-label", `Voir la fiche : ${title}`);
  const place = `${city ?? ""}${department ? ` (${department})` : ""}${precision === "municipality" ? ", localisation à la commune" : ""}`;
  if (STATES[status]) popup.append(element("p", "state", STATES[status]));
  popup.append(element("strong", "", typeset(title)), element("p", "", typeset(organisation)), element("p", "", when(times)), element("p", "", place), link);
  return popup;
}
