// The basemap: departments, the borders of the regions, the names of towns. Read from TopoJSON.

const SMALLER = [130_000, 60_000, 35_000]; // inhabitants under which a town is named one zoom level later each
const DEPARTMENTS_FROM = 8;

const decode = ({ transform, arcs }) =>
  arcs.map((arc) => {
    let x = 0, y = 0;
    return arc.map(([dx, dy]) => {
      x += dx; y += dy;
      return [y * transform.scale[1] + transform.translate[1], x * transform.scale[0] + transform.translate[0]];
    });
  });

const ringOf = (numbers, lines) =>
  numbers.flatMap((number, place) => {
    const line = number < 0 ? [...lines[~number]].reverse() : lines[number];
    return place ? line.slice(1) : line;
  });

function regionBorders(departments, lines) {
  const regionOf = new Map(), borders = [];
  for (const { properties, arcs } of departments) {
    for (const number of arcs.flat(2).map((n) => (n < 0 ? ~n : n))) {
      if (regionOf.has(number) && regionOf.get(number) !== properties.region) borders.push(lines[number]);
      regionOf.set(number, properties.region);
    }
  }
  return borders;
}

/** Adds the land to the map and names what is in view; resolves to the bounds of each department by its code. */
export async function addBasemap(map, url) {
  const topology = await (await fetch(url)).json();
  const lines = decode(topology);
  const departments = topology.objects.departments.geometries;
  const bounds = new Map();
  // under all that is drawn on the map, though it comes later
  map.createPane("land").style.zIndex = 250;
  const quiet = { interactive: false, smoothFactor: 1.2, pane: "land" };
  for (const { properties, arcs } of departments) {
    const land = L.polygon(arcs.map((polygon) => polygon.map((ring) => ringOf(ring, lines))), { ...quiet, className: "land" });
    bounds.set(properties.code, land.addTo(map).getBounds());
  }
  L.polyline(regionBorders(departments, lines), { ...quiet, className: "region-border" }).addTo(map);
  nameplaces(map, [...townNames(topology), ...departmentNames(departments)]);
  return bounds;
}

const townNames = ({ objects, transform }) =>
  objects.towns.geometries.map(({ properties, coordinates: [x, y] }) => ({
    name: properties.name,
    at: L.latLng(y * transform.scale[1], x * transform.scale[0]),
    from: 6 + SMALLER.filter((size) => properties.population < size).length,
    className: `place-name town${properties.population > 130_000 ? " large" : ""}`,
  }));

const departmentNames = (departments) =>
  departments.map(({ properties: { name, label } }) => ({
    name, at: L.latLng(label[1], label[0]), from: DEPARTMENTS_FROM, className: "place-name department",
  }));

/** Writes the names that fit, the most important first; none over another. */
function nameplaces(map, names) {
  const layer = L.layerGroup().addTo(map);
  const pane = map.createPane("names");
  pane.setAttribute("aria-hidden", "true");
  pane.style.zIndex = 450;
  const write = () => {
    layer.clearLayers();
    const zoom = map.getZoom(), view = map.getBounds().pad(0.1), taken = [];
    for (const { name, at, from, className } of names) {
      if (zoom < from || !view.contains(at)) continue;
      const { x, y } = map.latLngToLayerPoint(at), half = name.length * 4 + 6;
      if (taken.some((box) => Math.abs(box.x - x) < box.half + half && Math.abs(box.y - y) < 24)) continue;
      taken.push({ x, y, half });
      const text = document.createElement("span");
      text.textContent = name;
      const icon = L.divIcon({ className, html: text, iconSize: [0, 0] });
      L.marker(at, { icon, pane: "names", interactive: false, keyboard: false }).addTo(layer);
    }
  };
  map.on("moveend", write);
  if (map._loaded) write();
}
