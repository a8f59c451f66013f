import assert from "node:assert/strict";
import { Client, anthropic, custom, decodeBase64, openai, resend, upstash } from "@upstash/qstash";
import { noteConstructor, noteExport } from "./coverage.mjs";
import * as stage from "./stage.mjs";

const { client, delivered, deliveries, elsewhere, eventually, fresh, here, receiver } = stage;

export async function publishesAndReceives() {
  const url = `${here}/hook?a=1&b=%20`;
  const { messageId } = await client.publishJSON({
    url,
    body: { text: "gr\u00fc\u00df dich" },
    headers: { "X-Kind": "post" },
    method: "PUT",
    label: "contract-js",
  });
  const delivery = await delivered(messageId);
  assert.equal(delivery.path, "/hook?a=1&b=%20");
  assert.equal(delivery.method, "PUT");
  assert.equal(delivery.headers["content-type"], "application/json");
  assert.equal(delivery.headers["x-kind"], "post");
  assert.equal(delivery.headers["user-agent"], "Upstash-QStash");
  assert.equal(delivery.headers["upstash-retried"], "0");
  assert.deepEqual(JSON.parse(delivery.body), { text: "gr\u00fc\u00df dich" });
  const signature = delivery.headers["upstash-signature"];
  assert.equal(await receiver.verify({ signature, body: delivery.body, url }), true);
  const { logs } = await eventually("the log", async () => {
    const page = await client.logs({ filter: { messageId } });
    return page.logs.some((line) => line.state === "DELIVERED") && page;
  });
  assert.deepEqual(
    logs.map((line) => line.state),
    ["DELIVERED", "ACTIVE", "CREATED"],
  );
  assert.equal(logs[0].url, url);
}

/** One message that asks for everything, read back field by field. */
export async function keepsEveryOption() {
  const [label, key] = [fresh("options"), fresh("flow")];
  const { messageId } = await client.publish({
    url: `${elsewhere}/all?x=1`,
    body: "everything",
    method: "PATCH",
    headers: { "Content-Type": "text/plain", "X-Open": "shown", "X-Secret": "hidden" },
    delay: "1d2h",
    retries: 7,
    retryDelay: "1000 * (1 + retried)",
    timeout: 45,
    callback: `${here}/callback`,
    failureCallback: `${here}/failure`,
    deduplicationId: fresh("id"),
    flowControl: { key, rate: 10, parallelism: 2, period: "1m" },
    label: [label, "second"],
    redact: { header: ["X-Secret"] },
  });
  const message = await client.messages.get(messageId);
  const day = 86_400_000;
  assert.ok(message.notBefore > Date.now() + day && message.notBefore < Date.now() + 2 * day);
  assert.ok(message.createdAt <= Date.now());
  const { header, ...rest } = message;
  assert.deepEqual(header["X-Open"], ["shown"]);
  assert.deepEqual(header["Content-Type"], ["text/plain"]);
  assert.match(header["X-Secret"][0], /^REDACTED:[0-9a-f]{64}$/i);
  for (const [field, value] of Object.entries({
    url: `${elsewhere}/all?x=1`,
    body: "everything",
    method: "PATCH",
    maxRetries: 7,
    retryDelayExpression: "1000 * (1 + retried)",
    callback: `${here}/callback`,
    failureCallback: `${here}/failure`,
    flowControlKey: key,
    rate: 10,
    ratePerSecond: 10,
    parallelism: 2,
    period: 60,
    label,
    labels: [label, "second"],
    callerIP: "127.0.0.1",
  })) {
    assert.deepEqual(rest[field], value, field);
  }
  const notBefore = Math.floor(Date.now() / 1000) + 3600;
  const plain = await client.publish({
    url: `${elsewhere}/plain`,
    body: new Blob([Uint8Array.of(0, 255, 254)]),
    notBefore,
    flowControl: { key, ratePerSecond: 5, period: 30 },
    redact: { header: true },
    timeout: "1m",
    headers: { "X-Secret": "hidden" },
  });
  const second = await client.messages.get(plain.messageId);
  assert.deepEqual([second.notBefore, second.body], [notBefore * 1000, undefined]);
  assert.deepEqual([...Buffer.from(second.bodyBase64, "base64")], [0, 255, 254]);
  assert.deepEqual([second.rate, second.period, second.parallelism], [5, 30, undefined]);
  assert.match(second.header["X-Secret"][0], /^REDACTED:/);
  const third = await client.publish({
    url: elsewhere,
    body: "hidden",
    delay: 60,
    redact: { body: true },
  });
  assert.match((await client.messages.get(third.messageId)).body, /^REDACTED:/);
  assert.equal((await client.messages.cancel([messageId, plain.messageId, third.messageId])).cancelled, 3);
}

export async function batches() {
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
  const [single] = await client.batch([{ url: `${here}/batch/4`, body: "text", method: "PUT" }]);
  const { method, body, headers } = await delivered(single.messageId);
  assert.deepEqual([method, body, headers["content-type"]], ["PUT", "text", undefined]);
  // One element beyond what may be asked for, and none is accepted.
  const label = fresh("batch");
  const bad = { url: elsewhere, body: "x", delay: "1h", label, deduplicationId: "a:b" };
  const good = { url: elsewhere, body: "x", delay: "1h", label };
  await assert.rejects(client.batch([good, bad]), /DeduplicationId cannot contain ':'/);
  assert.equal((await client.logs({ filter: { label } })).logs.length, 0);
}

export async function deduplicates() {
  const request = { url: `${elsewhere}/once`, delay: 3600, deduplicationId: fresh("id") };
  const first = await client.publish(request);
  assert.equal(first.deduplicated, undefined);
  const second = await client.publish(request);
  assert.deepEqual([second.messageId, second.deduplicated], [first.messageId, true]);
  const colon = client.publish({ ...request, deduplicationId: "a:b" });
  await assert.rejects(colon, /DeduplicationId cannot contain ':'/);
  const content = {
    url: `${elsewhere}/${fresh("content")}`,
    body: "same",
    delay: 3600,
    contentBasedDeduplication: true,
  };
  const one = await client.publish(content);
  assert.equal((await client.publish(content)).messageId, one.messageId);
  const other = await client.publish({ ...content, body: "other" });
  assert.notEqual(other.messageId, one.messageId);
  await client.messages.cancel([first.messageId, one.messageId, other.messageId]);
}

/** A client's own headers, and its telemetry, which goes nowhere. */
export async function readsTheConfigurationOfAClient() {
  const config = {
    baseUrl: stage.url,
    token: stage.token,
    devMode: false,
    enableTelemetry: true,
    retry: { retries: 1, backoff: () => 1 },
    headers: { "X-Global": "global", "X-Both": "global" },
  };
  noteConstructor("Client", config);
  const other = new Client(config);
  const { messageId } = await other.publish({
    url: `${here}/global`,
    body: "x",
    headers: { "X-Both": "own" },
  });
  const { headers } = await delivered(messageId);
  assert.deepEqual([headers["x-global"], headers["x-both"]], ["global", "own"]);
  const strange = Object.keys(headers).filter((name) => name.startsWith("upstash-telemetry"));
  assert.deepEqual(strange, []);
}

/** APIs of others are destinations like any other; the key for them is forwarded. */
export async function callsApisOfOthers() {
  const callback = `${here}/callback`;
  const local = { name: "llm", provider: custom({ baseUrl: here, token: "their-token" }) };
  const { messageId } = await client.publishJSON({ api: local, body: { n: 1 }, callback });
  const { path, headers } = await delivered(messageId);
  assert.equal(path, "/v1/chat/completions");
  assert.equal(headers.authorization, "Bearer their-token");
  const providers = [
    ["llm", openai({ token: "t", organization: "o" }), "https://api.openai.com/v1/chat/completions"],
    ["llm", anthropic({ token: "t" }), "https://api.anthropic.com/v1/messages"],
    ["email", resend({ token: "t" }), "https://api.resend.com/emails"],
  ];
  for (const [name, provider, url] of providers) {
    const api = { name, provider };
    const published = await client.publishJSON({ api, body: {}, callback, delay: "1h" });
    assert.equal((await client.messages.get(published.messageId)).url, url);
    await client.messages.cancel(published.messageId);
  }
  noteExport("custom", "openai", "anthropic", "resend");
  const own = client.publishJSON({ api: { name: "llm", provider: upstash() }, body: {}, callback });
  await assert.rejects(own, /invalid destination url/);
}

export async function callsBack() {
  const [url, failure] = [`${here}/callback/${fresh("c")}`, `${here}/callback/${fresh("f")}`];
  const calledBack = (at) =>
    eventually(`a call of ${at}`, () =>
      deliveries.find((delivery) => delivery.path === new URL(at).pathname),
    );
  const headers = { "Upstash-Callback-Forward-X-Kind": "callback", "Upstash-Callback-Method": "PUT" };
  const { messageId } = await client.publish({
    url: `${here}/called`,
    body: "x",
    callback: url,
    headers,
  });
  const called = await calledBack(url);
  assert.deepEqual([called.method, called.headers["x-kind"]], ["PUT", "callback"]);
  const told = JSON.parse(called.body);
  assert.deepEqual([told.sourceMessageId, told.status, told.retried], [messageId, 200, 0]);
  assert.equal(decodeBase64(told.body), "answer");
  noteExport("decodeBase64");
  const signature = called.headers["upstash-signature"];
  assert.equal(await receiver.verify({ signature, body: called.body, url }), true);
  const failing = { url: `${here}/fails/called`, body: "x", retries: 0, failureCallback: failure };
  const failed = await client.publish(failing);
  const toldOfFailure = JSON.parse((await calledBack(failure)).body);
  assert.deepEqual([toldOfFailure.sourceMessageId, toldOfFailure.status], [failed.messageId, 500]);
  assert.equal(toldOfFailure.url, `${here}/fails/called`);
  const { messages } = await client.dlq.listMessages({ filter: { messageId: failed.messageId } });
  assert.equal(messages[0].dlqId, toldOfFailure.dlqId);
  await client.dlq.delete(messages[0].dlqId);
}
