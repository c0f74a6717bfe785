// The small map of an event's page: where it is, or the zone within which it is.
import { addBasemap } from "./basemap.js";
import { createMap } from "./map.js";

const element = document.querySelector("#map");
const { longitude, latitude, radius, basemap } = element.dataset;
const at = L.latLng(Number(latitude), Number(longitude));

const map = createMap(element, { scrollWheelZoom: false, attribution: "ANCT, IGN, INSEE ; © GeoNames" });
map.setView(at, 9);
addBasemap(map, basemap);
if (radius) {
  L.circle(at, { radius: Number(radius), className: "zone", interactive: false }).addTo(map);
} else {
  const icon = L.divIcon({ className: "pin", iconSize: [28, 34], iconAnchor: [14, 33] });
  L.marker(at, { icon, interactive: false, keyboard: false }).addTo(map);
}
