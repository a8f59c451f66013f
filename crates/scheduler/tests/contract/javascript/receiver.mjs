// What the official receiver says of tokens: `receiver.mjs CASES CURRENT NEXT` prints a list.
import { readFileSync } from "node:fs";
import { Receiver } from "@upstash/qstash";

const [file, currentSigningKey, nextSigningKey] = process.argv.slice(2);
const receiver = new Receiver({ currentSigningKey, nextSigningKey, devMode: false });
const verdicts = [];
for (const request of JSON.parse(readFileSync(file, "utf8"))) {
  verdicts.push(await receiver.verify(request).catch(() => false));
}
console.log(JSON.stringify(verdicts));
