// Says as JSON what AsyncAPI's own parser finds in each of the documents on its standard input, a list: its complaints,
// and the names of what it read.
import { text } from "node:stream/consumers";
import { Parser } from "@asyncapi/parser";

const found = [];
for (const told of JSON.parse(await text(process.stdin))) {
  const { document, diagnostics } = await new Parser().parse(told);
  found.push({
    wrong: diagnostics.map(({ code, path, message }) => `${path.join(".")}: ${message} (${code})`),
    channels: document?.allChannels().all().map((channel) => channel.id()) ?? [],
    messages: document?.allMessages().all().map((message) => message.id()) ?? [],
  });
}
console.log(JSON.stringify(found));
