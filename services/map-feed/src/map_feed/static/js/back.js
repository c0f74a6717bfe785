// « Tous les événements » on an event's page: back to the search that led here, where it was left.

const link = document.querySelector("#retour");
const from = document.referrer && new URL(document.referrer);
if (link && from && from.origin === location.origin && from.pathname === new URL(link.href).pathname) {
  link.href = from.pathname + from.search;
  if (from.search) link.textContent = "← Retour à la recherche";
  link.addEventListener("click", (event) => {
    if (history.length < 2 || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    history.back(); // the list as it was, with its place
  });
}
