// The official JavaScript SDK as publisher and receiver. Exits 0 when every promise holds.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { Client, Receiver } from "@upstash/qstash";

const { QSTASH_URL, QSTASH_TOKEN, QSTASH_CURRENT_SIGNING_KEY, QSTASH_NEXT_SIGNING_KEY } =
  process.env;
const client = new Client({ baseUrl: QSTASH_URL, token: QSTASH_TOKEN, devMode: false });
const receiver = new Receiver({
  currentSigningKey: QSTASH_CURRENT_SIGNING_KEY,
  nextSigningKey: QSTASH_NEXT_SIGNING_KEY,
  devMode: false,
});

const deliveries = [];
const destination = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    deliveries.push({
      path: request.url,
      method: request.method,
      headers: request.headers,
      body: Buffer.concat(chunks).toString("utf8"),
    });
    response.statusCode = request.url.startsWith("/fails") ? 500 : 200;
    response.end("answer");
  });
});
await new Promise((listening) => destination.listen(0, "127.0.0.1", listening));
const here = `http://127.0.0.1:${destination.address().port}`;

async function eventually(what, probe) {
  for (const end = Date.now() + 30_000; Date.now() < end; ) {
    const found = await probe();
    if (found) return found;
    await new Promise((again) => setTimeout(again, 10));
  }
  assert.fail(`waited in vain: ${what}`);
}
const delivered = (id) =>
  eventually(`delivery of ${id}`, () =>
    deliveries.find((delivery) => delivery.headers["upstash-message-id"] === id),
  );

async function publishesAndReceives() {
  const url = `${here}/hook?a=1&b=%20`;
  const { messageId } = await client.publishJSON({
    url,
    body: { text: "gr\u00fc\u00df dich" },
    headers: { "X-Kind": "post" },
    label: "contract-js",
  });
  const delivery = await delivered(messageId);
  assert.equal(delivery.path, "/hook?a=1&b=%20");
  assert.equal(delivery.method, "POST");
  assert.equal(delivery.headers["content-type"], "application/json");
  assert.equal(delivery.headers["x-kind"], "post");
  assert.deepEqual(JSON.parse(delivery.body), { text: "gr\u00fc\u00df dich" });
  const signature = delivery.headers["upstash-signature"];
  assert.equal(await receiver.verify({ signature, body: delivery.body, url }), true);
  const altered = [
    { signature, body: `${delivery.body} `, url },
    { signature, body: delivery.body, url: `${url}x` },
    { signature: `${signature.slice(0, -2)}AA`, body: delivery.body, url },
    { signature: signature.replace(".", ".A"), body: delivery.body, url },
  ];
  for (const request of altered) await assert.rejects(receiver.verify(request));
  const { logs } = await eventually("the log", async () => {
    const page = await client.logs({ filter: { messageIds: [messageId] } });
    return page.logs.some((line) => line.state === "DELIVERED") && page;
  });
  assert.deepEqual(
    logs.map((line) => line.state),
    ["DELIVERED", "ACTIVE", "CREATED"],
  );
  assert.equal(logs[0].url, url);
}

async function batches() {
  const elements = [1, 2, 3].map((n) => ({
    url: `${here}/batch/${n}`,
    body: { n },
    delay: n === 3 ? "1h" : undefined,
  }));
  const answers = await client.batchJSON(elements);
  assert.equal(answers.length, 3);
  for (const [index, { messageId }] of answers.slice(0, 2).entries()) {
    assert.deepEqual(JSON.parse((await delivered(messageId)).body), { n: index + 1 });
  }
  assert.equal((await client.messages.get(answers[2].messageId)).url, `${here}/batch/3`);
  assert.deepEqual(await client.messages.cancel(answers[2].messageId), { cancelled: 1 });
  await assert.rejects(client.messages.get(answers[2].messageId));
}

async function deduplicates() {
  const request = {
    url: `${here}/once`,
    delay: 3600,
    deduplicationId: `contract-js-${Date.now()}`,
  };
  const first = await client.publish(request);
  const second = await client.publish(request);
  assert.equal(second.messageId, first.messageId);
  assert.equal(second.deduplicated, true);
  const colon = client.publish({ ...request, deduplicationId: "a:b" });
  await assert.rejects(colon, /DeduplicationId cannot contain ':'/);
  await client.messages.cancel(first.messageId);
}

async function readsAndCancels() {
  const label = `contract-js-cancel-${Date.now()}`;
  const publish = () =>
    client.publish({
      url: `${here}/later`,
      body: "later",
      notBefore: Math.floor(Date.now() / 1000) + 3600,
      retries: 7,
      retryDelay: "1000 * (1 + retried)",
      callback: `${here}/callback`,
      failureCallback: `${here}/failure`,
      flowControl: { key: "contract-js", rate: 10, parallelism: 2, period: "1m" },
      label,
    });
  const ids = [];
  for (let n = 0; n < 5; n += 1) ids.push((await publish()).messageId);
  const message = await client.messages.get(ids[0]);
  assert.equal(message.body, "later");
  assert.equal(message.maxRetries, 7);
  assert.equal(message.retryDelayExpression, "1000 * (1 + retried)");
  assert.equal(message.callback, `${here}/callback`);
  assert.equal(message.failureCallback, `${here}/failure`);
  assert.equal(message.flowControlKey, "contract-js");
  assert.deepEqual([message.rate, message.parallelism, message.period], [10, 2, 60]);
  assert.equal(message.label, label);
  assert.ok(message.notBefore > Date.now());
  const flow = await client.flowControl.get("contract-js");
  assert.equal(flow.flowControlKey, "contract-js");
  assert.equal((await client.messages.cancel([ids[0], ids[1]])).cancelled, 2);
  assert.equal((await client.messages.cancel({ filter: { label } })).cancelled, 3);
  const { logs } = await client.logs({ filter: { label, state: "CANCELED" } });
  assert.equal(logs.length, 5);
}

async function deadLetters() {
  const label = `contract-js-dlq-${Date.now()}`;
  const publish = (path) =>
    client.publish({ url: `${here}${path}`, body: "x", retries: 0, label });
  const ids = [];
  for (const path of ["/fails/1", "/fails/2", "/fails/3"]) {
    ids.push((await publish(path)).messageId);
  }
  const listed = () => client.dlq.listMessages({ filter: { label } });
  const { messages } = await eventually("dead letters", async () => {
    const page = await listed();
    return page.messages.length === 3 && page;
  });
  assert.deepEqual(messages.map((letter) => letter.messageId).sort(), [...ids].sort());
  assert.equal(messages[0].responseStatus, 500);
  assert.equal(messages[0].responseBody, "answer");
  const { responses } = await client.dlq.retry(messages[0].dlqId);
  assert.ok(!ids.includes(responses[0].messageId));
  await delivered(responses[0].messageId);
  await client.dlq.delete(messages[1].dlqId);
  await assert.rejects(client.dlq.delete(messages[1].dlqId));
  assert.equal((await client.dlq.delete([messages[2].dlqId])).deleted, 1);
  await assert.rejects(client.dlq.listMessages({ filter: { lable: label } }));
}

async function callsBack() {
  const url = `${here}/callback`;
  const { messageId } = await client.publish({ url: `${here}/called`, body: "x", callback: url });
  const called = await eventually("the callback", () =>
    deliveries.find((delivery) => delivery.path === "/callback"),
  );
  const told = JSON.parse(called.body);
  assert.equal(told.sourceMessageId, messageId);
  assert.equal(told.status, 200);
  assert.equal(Buffer.from(told.body, "base64").toString(), "answer");
  const signature = called.headers["upstash-signature"];
  assert.equal(await receiver.verify({ signature, body: called.body, url }), true);
}

async function queues() {
  const queue = client.queue({ queueName: "contract-js" });
  await queue.upsert({ parallelism: 1, paused: true });
  const ids = [];
  for (let n = 0; n < 3; n += 1) {
    ids.push((await queue.enqueueJSON({ url: `${here}/queue`, body: { n } })).messageId);
  }
  const [batched] = await client.batchJSON([
    { url: `${here}/queue`, body: { n: 3 }, queueName: "contract-js" },
  ]);
  ids.push(batched.messageId);
  const details = await queue.get();
  assert.deepEqual([details.name, details.lag, details.paused], ["contract-js", 4, true]);
  assert.equal((await queue.list()).filter((one) => one.name === "contract-js").length, 1);
  await queue.resume();
  for (const id of ids) await delivered(id);
  const order = deliveries.filter((delivery) => delivery.path === "/queue");
  assert.deepEqual(order.map((delivery) => JSON.parse(delivery.body).n), [0, 1, 2, 3]);
  await queue.pause();
  await queue.delete();
  await assert.rejects(queue.get());
}

async function schedules() {
  const { scheduleId } = await client.schedules.create({
    destination: `${here}/schedule`,
    cron: " */10 * * * * ",
    scheduleId: "contract-js",
    body: JSON.stringify({ n: 1 }),
    headers: { "bypass-tunnel-reminder": "yes" },
    retries: 5,
    delay: 90,
    timeout: 30,
    label: "contract-js",
    flowControl: { key: "contract-js-schedule", parallelism: 1 },
  });
  assert.equal(scheduleId, "contract-js");
  const schedule = await client.schedules.get(scheduleId);
  assert.equal(schedule.cron, "*/10 * * * *");
  assert.equal(schedule.destination, `${here}/schedule`);
  assert.equal(schedule.body, '{"n":1}');
  assert.deepEqual(schedule.header["Content-Type"], ["application/json"]);
  assert.deepEqual(schedule.header["Bypass-Tunnel-Reminder"], ["yes"]);
  assert.deepEqual([schedule.retries, schedule.delay, schedule.isPaused], [5, 90, false]);
  assert.equal(schedule.parallelism, 1);
  assert.ok(schedule.nextScheduleTime > Date.now());
  assert.equal((await client.schedules.list()).length, 1);
  await client.schedules.pause({ schedule: scheduleId });
  assert.equal((await client.schedules.get(scheduleId)).isPaused, true);
  await client.schedules.resume({ schedule: scheduleId });
  assert.equal((await client.schedules.get(scheduleId)).isPaused, false);
  await client.schedules.create({
    destination: `${here}/schedule`,
    cron: "CRON_TZ=Asia/Kolkata 0 9 * * *",
    scheduleId,
    queueName: "contract-js-schedule",
  });
  const replaced = await client.schedules.get(scheduleId);
  assert.equal(replaced.body, undefined);
  assert.equal(replaced.queueName, "contract-js-schedule");
  await client.schedules.delete(scheduleId);
  await assert.rejects(client.schedules.get(scheduleId));
  const bad = client.schedules.create({ destination: here, cron: "never" });
  await assert.rejects(bad, /invalid cron/);
}

async function urlGroups() {
  const name = "contract-js";
  await client.urlGroups.delete(name);
  const endpoints = [{ name: "one", url: `${here}/group/1` }, { url: `${here}/group/2` }];
  await client.urlGroups.addEndpoints({ name, endpoints });
  const group = await client.urlGroups.get(name);
  assert.deepEqual(group.endpoints.map((endpoint) => endpoint.url), [
    `${here}/group/1`,
    `${here}/group/2`,
  ]);
  assert.deepEqual((await client.urlGroups.list()).map((one) => one.name), [name]);
  const published = await client.publishJSON({ urlGroup: name, body: { n: 1 } });
  assert.equal(published.length, 2);
  for (const { messageId } of published) {
    assert.equal((await delivered(messageId)).headers["upstash-topic-name"], name);
  }
  const [toGroup, toUrl] = await client.batchJSON([
    { urlGroup: name, body: 1 },
    { url: `${here}/group/3`, body: 2 },
  ]);
  assert.equal(toGroup.length, 2);
  await delivered(toUrl.messageId);
  await client.urlGroups.removeEndpoints({ name, endpoints: [{ name: "one" }] });
  assert.equal((await client.urlGroups.get(name)).endpoints.length, 1);
  await client.urlGroups.delete(name);
  await assert.rejects(client.urlGroups.get(name));
}

async function flowControl() {
  const key = "contract-js-flow";
  await client.flowControl.pause(key);
  const flowControl = { key, parallelism: 1, rate: 5, period: "1m" };
  const { messageId } = await client.publish({ url: `${here}/flow`, body: "x", flowControl });
  const shown = await eventually("the wait list", async () => {
    const found = await client.flowControl.get(key);
    return found.waitListSize === 1 && found;
  });
  assert.deepEqual([shown.isPaused, shown.rateMax, shown.ratePeriod], [true, 5, 60]);
  await client.flowControl.pin(key, { parallelism: 2, rate: 7, period: 30 });
  const pinned = await client.flowControl.get(key);
  assert.deepEqual([pinned.parallelismMax, pinned.rateMax, pinned.ratePeriod], [2, 7, 30]);
  assert.deepEqual([pinned.isPinnedParallelism, pinned.isPinnedRate], [true, true]);
  await client.flowControl.unpin(key, { parallelism: true, rate: true });
  assert.equal((await client.flowControl.get(key)).isPinnedRate, false);
  await client.flowControl.resetRate(key);
  await client.flowControl.resume(key);
  await delivered(messageId);
  assert.ok((await client.flowControl.getGlobalParallelism()).parallelismMax > 0);
}

/** The very rule by which `QSTASH_DEV=true` takes a server that is already running. */
async function isTakenForTheDevelopmentServer() {
  const port = new URL(QSTASH_URL).port;
  process.env.QSTASH_DEV_PORT = port;
  const dev = new Client({ devMode: true });
  const { messageId } = await dev.publish({ url: `${here}/dev`, body: "x" });
  const { headers, body } = await delivered(messageId);
  const signature = headers["upstash-signature"];
  const devReceiver = new Receiver({ devMode: true });
  assert.equal(await devReceiver.verify({ signature, body, url: `${here}/dev` }), true);
}

await publishesAndReceives();
await batches();
await deduplicates();
await readsAndCancels();
await deadLetters();
await callsBack();
await queues();
await schedules();
await urlGroups();
await flowControl();
await isTakenForTheDevelopmentServer();
const keys = await fetch(`${QSTASH_URL}/v2/keys`, {
  headers: { Authorization: `Bearer ${QSTASH_TOKEN}` },
}).then((response) => response.json());
assert.deepEqual(keys, { current: QSTASH_CURRENT_SIGNING_KEY, next: QSTASH_NEXT_SIGNING_KEY });
console.log("the JavaScript SDK is satisfied");
process.exit(0);
