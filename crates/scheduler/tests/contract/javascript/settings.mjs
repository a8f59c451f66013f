// Queues, schedules, URL groups, flow control: what is set up once and stays.
import assert from "node:assert/strict";
import { client, delivered, deliveries, eventually, fresh, here } from "./stage.mjs";

export async function queues() {
  const queueName = fresh("queue");
  const queue = client.queue({ queueName });
  await queue.upsert({ parallelism: 1, paused: true });
  const ids = [];
  for (let n = 0; n < 3; n += 1) {
    const request = { url: `${here}/${queueName}`, body: { n }, label: queueName, retries: 1 };
    ids.push((await queue.enqueueJSON(request)).messageId);
  }
  ids.push((await queue.enqueue({ url: `${here}/${queueName}`, body: '{"n":3}' })).messageId);
  const [batched] = await client.batchJSON([
    { url: `${here}/${queueName}`, body: { n: 4 }, queueName },
  ]);
  ids.push(batched.messageId);
  const details = await queue.get();
  assert.deepEqual([details.name, details.lag, details.paused], [queueName, 5, true]);
  assert.deepEqual([details.parallelism, details.createdAt > 0], [1, true]);
  assert.equal((await queue.list()).filter((one) => one.name === queueName).length, 1);
  assert.equal((await client.messages.get(ids[0])).queueName, queueName);
  await queue.resume();
  for (const id of ids) await delivered(id);
  const order = deliveries.filter((delivery) => delivery.path === `/${queueName}`);
  assert.deepEqual(order.map((delivery) => JSON.parse(delivery.body).n), [0, 1, 2, 3, 4]);
  await queue.pause();
  assert.equal((await queue.get()).paused, true);
  await queue.delete();
  await assert.rejects(queue.get(), /queue not found/);
  // A queue is made by what is put into it.
  const made = client.queue({ queueName: fresh("made") });
  await delivered((await made.enqueue({ url: `${here}/made`, body: "x" })).messageId);
  assert.equal((await made.get()).parallelism, 1);
  // A delay is kept there, though QStash refuses it.
  const late = await made.enqueue({ url: here, body: "x", delay: 3600 });
  const { createdAt, notBefore } = await client.messages.get(late.messageId);
  assert.equal(notBefore - createdAt, 3_600_000);
  await client.messages.cancel(late.messageId);
}

export async function schedules() {
  const scheduleId = fresh("schedule");
  const created = await client.schedules.create({
    destination: `${here}/schedule`,
    cron: " */10 * * * * ",
    scheduleId,
    body: JSON.stringify({ n: 1 }),
    method: "PUT",
    headers: { "bypass-tunnel-reminder": "yes" },
    retries: 5,
    retryDelay: "1000",
    delay: 90,
    timeout: 30,
    callback: `${here}/callback`,
    failureCallback: `${here}/failure`,
    label: [scheduleId, "second"],
    flowControl: { key: scheduleId, parallelism: 1 },
  });
  assert.equal(created.scheduleId, scheduleId);
  const schedule = await client.schedules.get(scheduleId);
  for (const [field, value] of Object.entries({
    cron: "*/10 * * * *",
    destination: `${here}/schedule`,
    method: "PUT",
    body: '{"n":1}',
    retries: 5,
    delay: 90,
    isPaused: false,
    parallelism: 1,
    flowControlKey: scheduleId,
    retryDelayExpression: "1000",
    callback: `${here}/callback`,
    failureCallback: `${here}/failure`,
    labels: [scheduleId, "second"],
  })) {
    assert.deepEqual(schedule[field], value, field);
  }
  assert.deepEqual(schedule.header["Content-Type"], ["application/json"]);
  assert.deepEqual(schedule.header["Bypass-Tunnel-Reminder"], ["yes"]);
  assert.ok(schedule.nextScheduleTime > Date.now());
  assert.deepEqual((await client.schedules.list()).map((one) => one.scheduleId), [scheduleId]);
  await client.schedules.pause({ schedule: scheduleId });
  assert.equal((await client.schedules.get(scheduleId)).isPaused, true);
  await client.schedules.resume({ schedule: scheduleId });
  assert.equal((await client.schedules.get(scheduleId)).isPaused, false);
  await replacesASchedule(scheduleId);
  const bad = client.schedules.create({ destination: here, cron: "never" });
  await assert.rejects(bad, /Invalid cron expression/);
}

async function replacesASchedule(scheduleId) {
  const queueName = fresh("schedule-queue");
  await client.schedules.create({
    destination: `${here}/schedule`,
    cron: "CRON_TZ=Asia/Kolkata 0 9 * * *",
    scheduleId,
    queueName,
    delay: "10s",
    headers: { "X-Secret": "hidden" },
    redact: { body: true, header: ["X-Secret"] },
  });
  const replaced = await client.schedules.get(scheduleId);
  assert.deepEqual([replaced.queueName, replaced.delay], [queueName, 10]);
  assert.match(replaced.header["X-Secret"][0], /^REDACTED:/);
  await client.schedules.create({ destination: here, cron: "1 1 1 1 1", scheduleId });
  assert.equal((await client.schedules.get(scheduleId)).body, undefined, "all of it is replaced");
  await client.schedules.delete(scheduleId);
  await assert.rejects(client.schedules.get(scheduleId), /schedule not found/);
}

export async function urlGroups() {
  const name = fresh("group");
  await client.urlGroups.delete(name);
  const endpoints = [{ name: "First endpoint", url: `${here}/group/1` }, { url: `${here}/group/2` }];
  await client.urlGroups.addEndpoints({ name, endpoints });
  const group = await client.urlGroups.get(name);
  assert.deepEqual([group.name, group.endpoints], [name, endpoints]);
  assert.ok(group.createdAt > 0 && group.updatedAt >= group.createdAt);
  assert.ok((await client.urlGroups.list()).some((one) => one.name === name));
  const published = await client.publishJSON({ urlGroup: name, body: { n: 1 } });
  assert.deepEqual(published.map((one) => one.url), endpoints.map((one) => one.url));
  for (const { messageId } of published) {
    assert.equal((await delivered(messageId)).headers["upstash-topic-name"], name);
  }
  const [toGroup, toUrl] = await client.batchJSON([
    { urlGroup: name, body: 1 },
    { url: `${here}/group/3`, body: 2 },
  ]);
  assert.equal(toGroup.length, 2);
  await delivered(toUrl.messageId);
  const [alone] = await client.batch([{ urlGroup: name, body: "x" }]);
  assert.equal(alone.length, 2, "one element that is a group stays a list in a list");
  const enqueued = await client.queue({ queueName: fresh("q") }).enqueue({ urlGroup: name });
  assert.equal(enqueued.length, 2);
  const [waiting] = await client.publish({ topic: name, body: "x", delay: "1h" });
  const message = await client.messages.get(waiting.messageId);
  assert.deepEqual([message.urlGroup, message.endpointName], [name, "First endpoint"]);
  await client.messages.cancel({ filter: { urlGroup: name } });
  await client.urlGroups.removeEndpoints({ name, endpoints: [{ name: "First endpoint" }] });
  assert.equal((await client.topics.get(name)).endpoints.length, 1);
  await client.urlGroups.removeEndpoints({ name, endpoints: [{ url: `${here}/group/2` }] });
  await assert.rejects(client.urlGroups.get(name), /not found/, "an emptied group is gone");
  const unknown = client.publish({ urlGroup: name, body: "x" });
  await assert.rejects(unknown, new RegExp(`topic ${name} not found`));
}

export async function flowControl() {
  const key = fresh("flow");
  await client.flowControl.pause(key);
  const flow = { key, parallelism: 1, rate: 5, period: "1m" };
  const { messageId } = await client.publish({ url: `${here}/flow`, body: "x", flowControl: flow });
  const shown = await eventually("the wait list", async () => {
    const found = await client.flowControl.get(key);
    return found.waitListSize === 1 && found;
  });
  assert.deepEqual([shown.flowControlKey, shown.isPaused], [key, true]);
  assert.deepEqual([shown.rateMax, shown.ratePeriod, shown.parallelismMax], [5, 60, 1]);
  for (const field of ["parallelismCount", "rateCount", "ratePeriodStart"]) {
    assert.equal(typeof shown[field], "number", field);
  }
  await client.flowControl.pin(key, { parallelism: 2, rate: 7, period: 30 });
  const pinned = await client.flowControl.get(key);
  assert.deepEqual([pinned.parallelismMax, pinned.rateMax, pinned.ratePeriod], [2, 7, 30]);
  assert.deepEqual([pinned.isPinnedParallelism, pinned.isPinnedRate], [true, true]);
  await client.flowControl.unpin(key, { parallelism: true, rate: true });
  const unpinned = await client.flowControl.get(key);
  assert.deepEqual([unpinned.isPinnedParallelism, unpinned.isPinnedRate], [false, false]);
  await client.flowControl.resetRate(key);
  await client.flowControl.resume(key);
  await delivered(messageId);
  await assert.rejects(client.flowControl.get(fresh("unknown")), /not found/);
  const { parallelismMax, parallelismCount } = await client.flowControl.getGlobalParallelism();
  assert.ok(parallelismMax > 0 && parallelismCount >= 0);
}
