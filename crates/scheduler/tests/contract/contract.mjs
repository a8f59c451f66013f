// The official JavaScript SDK as publisher and receiver. Exits 0 when every promise holds and
// every method and option of the SDK was used.
import { assertAllWasUsed, watchAll } from "./javascript/coverage.mjs";
import * as messages from "./javascript/messages.mjs";
import * as publishing from "./javascript/publishing.mjs";
import * as receiving from "./javascript/receiving.mjs";
import * as settings from "./javascript/settings.mjs";
import { client, receiver } from "./javascript/stage.mjs";

watchAll(client, receiver);
for (const laws of [publishing, messages, settings, receiving]) {
  for (const [name, law] of Object.entries(laws)) {
    try {
      await law();
    } catch (error) {
      console.error(`${name} does not hold`);
      throw error;
    }
  }
}
console.log(`the JavaScript SDK is satisfied: ${assertAllWasUsed()} methods`);
process.exit(0);
