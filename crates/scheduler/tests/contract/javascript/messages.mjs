import assert from "node:assert/strict";
import { client, delivered, elsewhere, eventually, fresh, here } from "./stage.mjs";

const HOUR_MS = 3_600_000;

/** Publishes something for much later. */
const later = (request) => client.publish({ url: `${elsewhere}/x`, body: "x", delay: "1h", ...request });

/** Messages that differ in one thing each, and a filter that finds the one of them only. */
async function onePerFilter(word) {
  const [label, key, queueName, urlGroup] = ["l", "k", "q", "g"].map((kind) => fresh(word + kind));
  await client.queue({ queueName }).upsert({ paused: true });
  const groupUrl = `${elsewhere}/${fresh(word)}`;
  await client.urlGroups.addEndpoints({ name: urlGroup, endpoints: [{ url: groupUrl }] });
  const path = `/${fresh(word)}`;
  const host = `${fresh(word)}.example`;
  const url = `${elsewhere}/${fresh(word)}?a=1,2&b=3`;
  const id = async (publishing) => (await publishing).messageId;
  return {
    label: [await id(later({ label: ["other", label] })), { label }],
    flowControlKey: [
      await id(later({ flowControl: { key, parallelism: 1 } })),
      { flowControlKey: [key, "unknown"] },
    ],
    queueName: [
      await id(client.queue({ queueName }).enqueue({ url: `${elsewhere}/x`, body: "x" })),
      { queueName },
    ],
    urlGroup: [(await later({ url: undefined, urlGroup }))[0].messageId, { urlGroup: [urlGroup] }],
    url: [await id(later({ url })), { url: [url, "http://unknown.example"] }],
    host: [await id(later({ url: `http://${host}/a` })), { host }],
    path: [await id(later({ url: `${elsewhere}${path}?q=1` })), { path }],
  };
}

const nothing = { scheduleId: fresh("unknown"), callerIp: "10.9.8.7" };

export async function readsTheLogByEveryFilter() {
  const made = await onePerFilter("log");
  for (const [name, [messageId, filter]] of Object.entries(made)) {
    const { logs } = await client.logs({ filter: { ...filter, state: "CREATED" } });
    assert.deepEqual(logs.map((line) => line.messageId), [messageId], name);
  }
  const ids = Object.values(made).map(([id]) => id);
  const label = made.label[1].label;
  const one = await client.logs({ filter: { label, callerIp: "127.0.0.1" } });
  assert.deepEqual(one.logs.map((line) => line.messageId), [made.label[0]]);
  for (const [name, value] of Object.entries(nothing)) {
    const { logs } = await client.logs({ filter: { label, [name]: value } });
    assert.equal(logs.length, 0, name);
  }
  const past = { fromDate: Date.now() - HOUR_MS, toDate: Date.now() - HOUR_MS / 2 };
  assert.equal((await client.logs({ filter: { label, ...past } })).logs.length, 0);
  const around = { fromDate: Date.now() - HOUR_MS, toDate: Date.now() + HOUR_MS };
  assert.equal((await client.logs({ filter: { label, ...around } })).logs.length, 1);
  // All pages, each of at most three lines, tell each message once.
  const lines = [];
  for (let cursor; ; ) {
    const page = await client.logs({ count: 3, cursor, filter: { ...around, state: "CREATED" } });
    assert.ok(page.logs.length <= 3);
    lines.push(...page.logs.map((line) => line.messageId));
    if ((cursor = page.cursor) === undefined) break;
  }
  assert.equal(new Set(lines).size, lines.length);
  ids.forEach((id) => assert.ok(lines.includes(id)));
  // One look at many, and the older name of the same method.
  const many = await client.events({ messageIds: ids });
  assert.deepEqual(many.events.map((line) => line.messageId).sort(), [...ids].sort());
  assert.deepEqual(many.logs, many.events);
  assert.equal((await client.logs({ messageIds: [ids[0]] })).logs[0].messageId, ids[0]);
  assert.equal((await client.messages.cancel({ messageIds: ids })).cancelled, ids.length);
}

export async function cancelsByEveryFilter() {
  const made = await onePerFilter("cancel");
  const bystander = await later({ label: fresh("bystander") });
  const label = made.label[1].label;
  for (const [name, value] of Object.entries(nothing)) {
    const none = await client.messages.cancel({ filter: { label, [name]: value } });
    assert.deepEqual(none, { cancelled: 0 }, name);
  }
  const past = { fromDate: new Date(0), toDate: Date.now() - HOUR_MS };
  assert.equal((await client.messages.cancel({ filter: past })).cancelled, 0);
  for (const [name, [messageId, filter]] of Object.entries(made)) {
    assert.equal((await client.messages.cancel({ filter, count: 10 })).cancelled, 1, name);
    await assert.rejects(client.messages.get(messageId), /message not found/, name);
  }
  const { logs } = await client.logs({ filter: { label, state: "CANCELED" } });
  assert.deepEqual(logs.map((line) => line.messageId), [made.label[0]]);
  assert.ok(await client.messages.get(bystander.messageId), "and nothing else");
  assert.deepEqual(await client.messages.cancel([]), { cancelled: 0 });
  assert.deepEqual(await client.messages.cancel(bystander.messageId), { cancelled: 1 });
  await assert.rejects(client.messages.cancel(bystander.messageId), /message not found/);
}

/** The methods of older applications. */
export async function cancelsAsOlderApplicationsDo() {
  const publish = async () => (await later({})).messageId;
  const ids = [await publish(), await publish(), await publish(), await publish()];
  await client.messages.delete(ids[0]);
  await assert.rejects(client.messages.get(ids[0]));
  assert.equal(await client.messages.deleteMany([ids[1], ids[2]]), 2);
  assert.ok((await client.messages.deleteAll()) >= 1);
  await assert.rejects(client.messages.get(ids[3]));
  const last = await publish();
  assert.ok((await client.messages.cancel({ all: true })).cancelled >= 1);
  await assert.rejects(client.messages.get(last));
}

export async function keepsDeadLetters() {
  const label = fresh("dlq");
  const queueName = fresh("dlq-queue");
  const urlGroup = fresh("dlq-group");
  await client.urlGroups.addEndpoints({ name: urlGroup, endpoints: [{ url: `${here}/fails/g` }] });
  const flowControl = { key: fresh("dlq-key"), rate: 5, parallelism: 2, period: "1d" };
  const failing = { body: "x", retries: 0, label };
  const published = [
    await client.publish({ ...failing, url: `${here}/fails/1`, flowControl }),
    (await client.publish({ ...failing, urlGroup }))[0],
    await client.queue({ queueName }).enqueue({ ...failing, url: `${here}/fails/q` }),
    await client.publish({ ...failing, url: `${here}/fails/2`, retryDelay: "2000 * retried" }),
  ];
  const ids = published.map(({ messageId }) => messageId);
  const list = async (filter, more) =>
    (await client.dlq.listMessages({ ...more, filter: { label, ...filter } })).messages;
  await eventually("dead letters", async () => (await list()).length === ids.length);
  const all = await list();
  assert.deepEqual(all.map((letter) => letter.messageId).sort(), [...ids].sort());
  for (const letter of all) {
    assert.deepEqual([letter.responseStatus, letter.responseBody], [500, "answer"]);
    assert.ok(letter.responseHeader && letter.label === label && letter.dlqId);
  }
  for (const [filter, wanted] of [
    [{ messageId: ids[0] }, [0]],
    [{ url: `${here}/fails/2` }, [3]],
    [{ urlGroup }, [1]],
    [{ queueName }, [2]],
    [{ flowControlKey: flowControl.key }, [0]],
    [{ responseStatus: 500 }, [0, 1, 2, 3]],
    [{ responseStatus: [404, 503] }, []],
    [{ callerIp: "127.0.0.1" }, [0, 1, 2, 3]],
    [{ scheduleId: "unknown" }, []],
    [{ fromDate: Date.now() - HOUR_MS, toDate: new Date() }, [0, 1, 2, 3]],
    [{ toDate: Date.now() - HOUR_MS }, []],
  ]) {
    const found = (await list(filter)).map((letter) => letter.messageId).sort();
    assert.deepEqual(found, wanted.map((index) => ids[index]).sort(), JSON.stringify(filter));
  }
  const [first] = await list({ messageId: ids[0] });
  assert.deepEqual([first.rate, first.ratePerSecond, first.period], [5, 5, 86_400]);
  const [fourth] = await list({ messageId: ids[3] });
  assert.equal(fourth.retryDelayExpression, "2000 * retried");
  const page = await client.dlq.listMessages({ count: 3, filter: { label } });
  const next = await client.dlq.listMessages({ cursor: page.cursor, filter: { label } });
  assert.deepEqual([page.messages.length, next.messages.length, next.cursor], [3, 1, undefined]);
  const chosen = await client.dlq.listMessages({ dlqIds: [first.dlqId, fourth.dlqId] });
  assert.equal(chosen.messages.length, 2);
  await assert.rejects(list({ lable: label }), /unknown filter/);
  await retriesAndDeletes({ label, ids, first, fourth });
}

async function retriesAndDeletes({ label, ids, first, fourth }) {
  const again = async (request) => {
    const { responses } = await client.dlq.retry(request);
    for (const { messageId } of responses) {
      assert.ok(!ids.includes(messageId), "a retried letter is a new message");
      await delivered(messageId);
    }
    return responses.length;
  };
  const waiting = async (count) =>
    eventually(`${count} letters`, async () => {
      const page = await client.dlq.listMessages({ filter: { label } });
      return page.messages.length === count && page.messages;
    });
  assert.equal(await again(first.dlqId), 1);
  await waiting(4);
  assert.equal(await again([fourth.dlqId]), 1);
  await waiting(4);
  assert.equal(await again({ filter: { label }, count: 2 }), 2);
  const four = await waiting(4);
  assert.equal(await again({ dlqIds: four[0].dlqId }), 1);
  assert.deepEqual(await client.dlq.retry([]), { responses: [] });
  const letters = await waiting(4);
  assert.deepEqual(await client.dlq.delete(letters[0].dlqId), { deleted: 1 });
  await assert.rejects(client.dlq.delete(letters[0].dlqId), /not found/);
  assert.equal((await client.dlq.deleteMany({ dlqIds: [letters[1].dlqId] })).deleted, 1);
  assert.deepEqual(await client.dlq.delete([]), { deleted: 0 });
  const some = await client.dlq.delete({ filter: { label }, count: 1 });
  assert.equal(some.deleted, 1);
  assert.ok(some.cursor, "there are more");
  assert.equal((await client.dlq.delete({ dlqIds: (await waiting(1))[0].dlqId })).deleted, 1);
  const { messageId } = await client.publish({ url: `${here}/fails/last`, retries: 0, label });
  await waiting(1);
  assert.equal((await client.dlq.retry({ all: true, count: 100 })).responses.length, 1);
  await eventually("the same failure again", async () => {
    const { messages } = await client.dlq.listMessages({ filter: { label } });
    return messages.some((letter) => letter.messageId !== messageId);
  });
  assert.deepEqual(await client.dlq.delete({ all: true }), { deleted: 1 });
}
