// Copies the few files of the pages' libraries that a browser needs, and their licences, into the Python package.
import { cp, mkdir, rm } from "node:fs/promises";

const modules = new URL("../node_modules/", import.meta.url);
const lib = new URL("../src/registration/static/lib/", import.meta.url);
const files = [
  "@github/combobox-nav/dist/index.js",
  "@github/combobox-nav/LICENSE",
  "htmx.org/dist/htmx.min.js",
  "htmx.org/LICENSE",
  "leaflet/dist/leaflet.js",
  "leaflet/dist/leaflet.css",
  "leaflet/LICENSE",
];

await rm(lib, { recursive: true, force: true });
for (const file of files) {
  const [name] = file.replace(/^@[^/]+\//, "").split("/");
  await mkdir(new URL(`${name}/`, lib), { recursive: true });
  await cp(new URL(file, modules), new URL(`${name}/${file.split("/").pop()}`, lib));
}
console.log(`${files.length} files copied to src/registration/static/lib/`);
