// node publish.mjs '{"count":1000,"batch":100,"side_by_side":4,"at":1800000000,"url":"http://…"}'
// Adds delayed jobs, waits until Redis has them, and tells how fast that was.

import { Queue } from "bullmq";
import { NAME, body, connection } from "./queue.mjs";

const { count, batch, side_by_side, at, url } = JSON.parse(process.argv[2]);
const queue = new Queue(NAME, {
  connection,
  defaultJobOptions: {
    attempts: 4,
    backoff: { type: "exponential", delay: 12000 },
    removeOnComplete: true,
  },
});
await queue.waitUntilReady();

const due = at * 1000;
const job = (number) => ({
  name: "webhook",
  data: { url, body: body(number, due) },
  opts: at > 0 ? { delay: Math.max(due - Date.now(), 0) } : {},
});

let next = 0;
const post = async () => {
  while (next < count) {
    const first = next;
    next = Math.min(next + batch, count);
    if (batch === 1) {
      const { name, data, opts } = job(first);
      await queue.add(name, data, opts);
    } else {
      await queue.addBulk(Array.from({ length: next - first }, (_, n) => job(first + n)));
    }
  }
};

const begun = performance.now();
await Promise.all(Array.from({ length: side_by_side }, post));
const seconds = (performance.now() - begun) / 1000;
await queue.close();
console.log(JSON.stringify({ per_second: count / seconds, seconds }));
