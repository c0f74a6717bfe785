// Copies the few files of Swagger UI that a browser needs into the Python package.
import { cp, mkdir, rm } from "node:fs/promises";

const from = new URL("../node_modules/swagger-ui-dist/", import.meta.url);
const to = new URL("../src/backbone/http/static/manual/swagger/", import.meta.url);
const files = ["swagger-ui-bundle.js", "swagger-ui.css", "LICENSE", "NOTICE"];

await rm(to, { recursive: true, force: true });
await mkdir(to, { recursive: true });
for (const file of files) await cp(new URL(file, from), new URL(file, to));
console.log(`${files.length} files copied to src/backbone/http/static/manual/swagger/`);
