// Copies the few files of the map's libraries that a browser needs into the Python package.
import { cp, mkdir, rm } from "node:fs/promises";

const modules = new URL("../node_modules/", import.meta.url);
const lib = new URL("../src/map_feed/static/lib/", import.meta.url);
const files = [
  "@github/combobox-nav/dist/index.js",
  "@github/combobox-nav/LICENSE",
  "leaflet/dist/leaflet.js",
  "leaflet/dist/leaflet.css",
  "leaflet/LICENSE",
  "leaflet.markercluster/dist/leaflet.markercluster.js",
  "leaflet.markercluster/dist/MarkerCluster.css",
  "leaflet.markercluster/MIT-LICENCE.txt",
];

await rm(lib, { recursive: true, force: true });
for (const file of files) {
  const [name] = file.replace(/^@[^/]+\//, "").split("/");
  await mkdir(new URL(`${name}/`, lib), { recursive: true });
  await cp(new URL(file, modules), new URL(`${name}/${file.split("/").pop()}`, lib));
}
console.log(`${files.length} files copied to src/map_feed/static/lib/`);
