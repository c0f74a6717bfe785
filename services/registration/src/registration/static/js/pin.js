// The pin of an event: a map to move it on. Without it, or where the map's own server is away, two fields do.
const field = document.querySelector(".pin-map");
const latitude = document.querySelector("#venue-position-latitude");
const longitude = document.querySelector("#venue-position-longitude");
const postcode = document.querySelector("#venue-postcode");
const street = document.querySelector("#voir-rue");
const confirming = document.querySelector("#confirmer");
const METROPOLE = [[41.3, -5.2], [51.2, 9.6]];
const CLOSE = 10;

const number = (input) => Number.parseFloat(input.value.replace(",", ".").replace("−", "-"));

/** Where the fields say that it is; nothing while they do not. */
function said() {
  const at = [number(latitude), number(longitude)];
  return at.every(Number.isFinite) && Math.abs(at[0]) <= 90 && Math.abs(at[1]) <= 180 ? at : null;
}

/** The department of a postcode, as the basemap codes it. */
function department() {
  const digits = postcode.value.replace(/\D/g, "");
  if (digits.length !== 5) return null;
  if (digits.startsWith("97")) return digits.slice(0, 3);
  if (digits.startsWith("20")) return digits[2] < "2" ? "2A" : "2B";
  return digits.slice(0, 2);
}

function decode({ transform, arcs }) {
  return arcs.map((arc) => {
    let x = 0, y = 0;
    return arc.map(([dx, dy]) => {
      x += dx; y += dy;
      return [y * transform.scale[1] + transform.translate[1], x * transform.scale[0] + transform.translate[0]];
    });
  });
}

const ringOf = (numbers, lines) => numbers.flatMap((one) => (one < 0 ? [...lines[~one]].reverse() : lines[one]));

function draw(map, topology) {
  const lines = decode(topology), bounds = new Map();
  for (const { properties, arcs } of topology.objects.departments.geometries) {
    const rings = arcs.map((polygon) => polygon.map((ring) => ringOf(ring, lines)));
    const land = L.polygon(rings, { interactive: false, className: "land" }).addTo(map);
    bounds.set(properties.code, land.getBounds());
  }
  const { scale, translate } = topology.transform;
  for (const { properties, coordinates: [x, y] } of topology.objects.towns.geometries) {
    const at = [y * scale[1] + translate[1], x * scale[0] + translate[0]];
    L.circleMarker(at, { radius: 3, className: "town", interactive: false }).addTo(map)
      .bindTooltip(properties.name, { permanent: true, direction: "right", className: `town-name${properties.population > 60_000 ? " large" : ""}` });
  }
  return bounds;
}

async function begin() {
  const answer = await fetch(field.dataset.basemap);
  if (!answer.ok || !globalThis.L) return;
  const topology = await answer.json();
  field.hidden = false;
  const map = L.map("carte-repere", { zoomControl: false, minZoom: 4, maxZoom: 14, scrollWheelZoom: false, zoomAnimation: false, fadeAnimation: false });
  L.control.zoom({ zoomInTitle: "Zoomer", zoomOutTitle: "Dézoomer", position: "bottomright" }).addTo(map);
  map.attributionControl.setPrefix(false).addAttribution("ANCT, IGN, INSEE ; © GeoNames");
  map.fitBounds(METROPOLE, { animate: false });
  const bounds = draw(map, topology);
  // the names that have room
  map.on("zoomend", () => {
    field.classList.toggle("near", map.getZoom() >= 7);
    field.classList.toggle("close", map.getZoom() >= 10);
  });
  const first = String(said());
  const icon = L.divIcon({ className: "pin", iconSize: [28, 34], iconAnchor: [14, 33] });
  const pin = L.marker(map.getCenter(), { icon, draggable: true, keyboard: false, alt: "" });
  const show = () => {
    const at = said();
    street.hidden = !at;
    if (confirming && String(at) !== first) confirming.textContent = confirming.dataset.moved;
    if (!at) return pin.remove();
    pin.setLatLng(at).addTo(map);
    street.href = `https://www.openstreetmap.org/?mlat=${at[0]}&mlon=${at[1]}#map=18/${at[0]}/${at[1]}`;
  };
  const put = ({ lat, lng }) => {
    latitude.value = lat.toFixed(5);
    longitude.value = lng.toFixed(5);
    longitude.dispatchEvent(new Event("change", { bubbles: true }));
    show();
  };
  pin.on("dragend", () => put(pin.getLatLng()));
  map.on("click", ({ latlng }) => put(latlng));
  document.querySelector("#placer").addEventListener("click", () => put(map.getCenter()));
  document.querySelector("#oter")?.addEventListener("click", () => {
    latitude.value = longitude.value = "";
    longitude.dispatchEvent(new Event("change", { bubbles: true }));
    show();
  });
  const look = () => {
    const at = said();
    if (at) map.setView(at, CLOSE, { animate: false });
    else if (bounds.has(department())) map.fitBounds(bounds.get(department()), { animate: false });
  };
  postcode.addEventListener("change", look);
  for (const input of [latitude, longitude]) input.addEventListener("change", show);
  // as far as the place may lie from a pin that stands for its commune
  const radius = Number(field.closest("form").dataset.radius);
  if (radius && said()) L.circle(said(), { radius, className: "reach", interactive: false }).addTo(map);
  show();
  look();
}

if (field) begin().catch(() => {});
