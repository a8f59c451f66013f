// node work.mjs CONCURRENCY
// Posts each job's body to its URL over kept connections, until it is told to end.

import { Worker } from "bullmq";
import { Agent, request, setGlobalDispatcher } from "undici";
import { NAME, connection } from "./queue.mjs";

const concurrency = Number(process.argv[2]);
setGlobalDispatcher(new Agent({ connections: concurrency, pipelining: 1 }));

const deliver = async ({ data }) => {
  const answer = await request(data.url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: data.body,
  });
  await answer.body.dump();
  if (answer.statusCode < 200 || answer.statusCode > 299) {
    throw new Error(`answered ${answer.statusCode}`);
  }
};

const worker = new Worker(NAME, deliver, { connection, concurrency });
await worker.waitUntilReady();
console.log(JSON.stringify({ ready: true }));
process.once("SIGTERM", () => worker.close().then(() => process.exit(0)));
