// The map: pins in clusters over the basemap, and what moves the view.
import { addBasemap } from "./basemap.js";
import { isOff, pinName, popupOf } from "./popup.js";

const METROPOLE = [[41.3, -5.2], [51.2, 9.6]];
const MAX_ZOOM = 14;
const CLOSE = 10; // near enough to see which town it is
const ATTRIBUTION = "Fond : ANCT, IGN Admin Express 2023, INSEE (Licence Ouverte 2.0) ; © GeoNames (CC BY 4.0)";
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

/** An icon made of an element that says what it is. */
const NamedIcon = L.DivIcon.extend({
  createIcon(old) {
    const icon = L.DivIcon.prototype.createIcon.call(this, old);
    icon.setAttribute("aria-label", this.options.name);
    return icon;
  },
});

const pin = (name, off) => new NamedIcon({ className: off ? "pin off" : "pin", name, iconSize: [28, 34], iconAnchor: [14, 33], popupAnchor: [0, -28] });

function clusterIcon(cluster) {
  const count = cluster.getChildCount();
  const size = count < 10 ? 36 : count < 100 ? 44 : 52;
  const className = `cluster${count < 100 ? "" : " many"}`;
  return new NamedIcon({ className, html: String(count), name: `${count} événements à cet endroit, les séparer`, iconSize: [size, size] });
}

/** A Leaflet map in our ways: French, calm where asked for. */
export function createMap(element, options = {}) {
  const motion = { zoomAnimation: !calm, fadeAnimation: !calm, markerZoomAnimation: !calm };
  const map = L.map(element, { zoomControl: false, minZoom: 3, maxZoom: MAX_ZOOM, zoomSnap: 0.25, wheelPxPerZoomLevel: 90, worldCopyJump: true, ...motion, ...options });
  L.control.zoom({ zoomInTitle: "Zoomer", zoomOutTitle: "Dézoomer", position: "bottomright" }).addTo(map);
  map.attributionControl.setPrefix(false);
  map.attributionControl.addAttribution(options.attribution ?? ATTRIBUTION);
  return map;
}

export class EventMap {
  constructor(element, { onChosen }) {
    this.map = createMap(element);
    this.wanted = () => this.map.fitBounds(METROPOLE, { animate: false });
    this.wanted();
    this.pins = new Map();
    this.bounds = addBasemap(this.map, element.dataset.basemap);
    this.clusters = L.markerClusterGroup({
      iconCreateFunction: clusterIcon, maxClusterRadius: 54, showCoverageOnHover: false, animate: false,
      spiderLegPolylineOptions: { weight: 1.5, className: "region-border" }, chunkedLoading: true,
    }).addTo(this.map);
    this.map.on("popupopen", ({ popup }) => this.#opened(popup, onChosen));
    this.map.on("popupclose", ({ popup }) => this.#closed(popup));
    element.addEventListener("keydown", () => (this.byKeyboard = true), true);
    element.addEventListener("pointerdown", () => (this.byKeyboard = false), true);
  }

  /** Shows these features, and no others. */
  show(features) {
    this.clusters.clearLayers();
    this.pins = new Map(features.filter(({ geometry }) => geometry).map((feature) => [feature.id, this.#pinOf(feature)]));
    this.clusters.addLayers([...this.pins.values()]);
  }

  #pinOf({ id, geometry: { coordinates: [longitude, latitude] }, properties }) {
    const marker = L.marker([latitude, longitude], { icon: pin(pinName(properties), isOff(properties)), eventId: id });
    return marker.bindPopup(() => popupOf(properties), { minWidth: 220, maxWidth: 300 });
  }

  /** Brings an event's pin into view, out of its cluster, with its popup open. */
  reveal(id) {
    const marker = this.pins.get(id);
    if (!marker) return;
    this.map.setView(marker.getLatLng(), Math.max(Math.ceil(this.map.getZoom()), CLOSE), { animate: false });
    const shown = this.clusters.getVisibleParent(marker);
    if (shown === marker) return marker.openPopup();
    this.clusters.once("spiderfied", () => marker.openPopup());
    shown.spiderfy();
  }

  /**
   * Moves to the pins, those overseas only where there is none in the metropolis: both at once would be half the globe.
   * `around`: latitude and longitude of where one looks when there are none.
   */
  fit({ all, around, kilometres }) {
    const places = [...this.pins.values()].map((pin) => pin.getLatLng());
    const near = places.filter((place) => L.latLngBounds(METROPOLE).contains(place));
    const pins = L.latLngBounds(near.length ? near : places);
    const elsewhere = around ? L.latLng(around.split(",")).toBounds(2000 * (kilometres || 30)) : METROPOLE;
    const bounds = !all && pins.isValid() ? pins.pad(0.15) : elsewhere;
    this.wanted = () => this.map.fitBounds(bounds, { maxZoom: 10, animate: false });
    this.wanted();
  }

  /** Takes note of the size it has now; what was wanted while it was hidden is done then. */
  resize() {
    const hidden = !this.map.getSize().x;
    this.map.invalidateSize({ animate: false });
    if (hidden) this.wanted();
  }

  async moveTo(territory) {
    const bounds = territory === "metropole" ? METROPOLE : (await this.bounds).get(territory);
    this.map.fitBounds(bounds, { padding: [20, 20], animate: !calm });
  }

  #opened(popup, onChosen) {
    const { eventId } = popup._source?.options ?? {};
    if (!eventId) return;
    popup._source.getElement()?.classList.add("chosen");
    onChosen(eventId);
    if (this.byKeyboard) popup.getElement().querySelector(".popup a").focus({ preventScroll: true });
  }

  #closed(popup) {
    const icon = popup._source?.getElement?.();
    icon?.classList.remove("chosen");
    // whoever was reading the popup goes on from its pin
    if (this.byKeyboard) icon?.focus({ preventScroll: true });
  }
}
