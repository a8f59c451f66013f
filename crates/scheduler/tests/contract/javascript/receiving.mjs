// The receiver, errors, and the rule by which `QSTASH_DEV=true` takes a server that runs already.
import assert from "node:assert/strict";
import {
  Client,
  QstashDailyRatelimitError,
  QstashEmptyArrayError,
  QstashError,
  Receiver,
  SignatureError,
  startDevServer,
} from "@upstash/qstash";
import { verifySignatureAppRouter, verifySignatureEdge } from "@upstash/qstash/nextjs";
import { noteConstructor, noteExport } from "./coverage.mjs";
import * as stage from "./stage.mjs";

const { client, delivered, elsewhere, fresh, free, here, keys, receiver } = stage;

export async function refusesWhatWasAltered() {
  const url = `${here}/signed`;
  const { messageId } = await client.publish({ url, body: "signed" });
  const { headers, body } = await delivered(messageId);
  const signature = headers["upstash-signature"];
  const upstashRegion = headers["upstash-region"];
  const good = { signature, body, url, clockTolerance: 0, upstashRegion };
  assert.equal(await receiver.verify(good), true);
  for (const altered of [
    { body: `${body} ` },
    { url: `${url}/` },
    { signature: `${signature.slice(0, -2)}AA` },
    { signature: signature.replace(".", ".A") },
    { signature: signature.split(".").slice(0, 2).join(".") },
    { signature: "" },
  ]) {
    await assert.rejects(receiver.verify({ ...good, ...altered }), SignatureError);
  }
  const config = { currentSigningKey: "sig_another", nextSigningKey: keys.current, devMode: false };
  noteConstructor("Receiver", config);
  assert.equal(await new Receiver(config).verify(good), true, "the next key is tried, too");
  const stranger = new Receiver({ ...config, nextSigningKey: "sig_a_third" });
  await assert.rejects(stranger.verify(good), SignatureError);
  noteExport("SignatureError");
}

/** The wrappers that applications on Next.js put around their routes. */
export async function satisfiesTheWrappersOfNext() {
  const config = { currentSigningKey: keys.current, nextSigningKey: keys.next };
  const url = `${here}/next`;
  const { messageId } = await client.publishJSON({ url, body: { n: 1 } });
  const { headers, body } = await delivered(messageId);
  const handler = async (request) => Response.json(await request.json());
  for (const wrap of [verifySignatureAppRouter, verifySignatureEdge]) {
    const route = wrap(handler, config);
    const request = (body) => new Request(url, { method: "POST", headers, body });
    const answered = await route(request(body));
    assert.deepEqual([answered.status, await answered.json()], [200, { n: 1 }]);
    await assert.rejects(route(request("{}")), SignatureError);
  }
}

export async function tellsErrorsAsTheSdkReadsThem() {
  await assert.rejects(client.messages.get("unknown"), (error) => {
    assert.ok(error instanceof QstashError);
    assert.deepEqual([error.status, JSON.parse(error.message)], [404, { error: "message not found" }]);
    return true;
  });
  const config = { baseUrl: stage.url, token: "wrong", devMode: false, retry: false };
  await assert.rejects(new Client(config).schedules.list(), (error) => {
    const told = { error: "unable to authenticate: invalid token" };
    assert.deepEqual([error.status, JSON.parse(error.message)], [401, told]);
    return true;
  });
  await assert.rejects(client.dlq.listMessages({ dlqIds: [] }), QstashEmptyArrayError);
  noteExport("QstashError", "QstashEmptyArrayError");
}

/** The limits of a plan, as the SDK tells them apart. */
export async function tellsTheLimitsOfAPlan() {
  const far = free.publish({ url: elsewhere, body: "x", delay: "8d" });
  await assert.rejects(far, /quota maxDelay exceeded, current limit: 604800/);
  const request = { url: elsewhere, body: "x", delay: "1h", label: fresh("day") };
  const thousand = Array.from({ length: 1000 }, () => ({ ...request }));
  assert.equal((await free.batch(thousand)).length, 1000);
  await assert.rejects(free.publish(request), (error) => {
    assert.ok(error instanceof QstashDailyRatelimitError, error);
    assert.deepEqual([error.status, error.limit, error.remaining], [429, "1000", "0"]);
    assert.ok(Number(error.reset) > Date.now() / 1000);
    return true;
  });
  noteExport("QstashDailyRatelimitError");
}

export async function isTakenForTheDevelopmentServer() {
  process.env.QSTASH_DEV_PORT = new URL(stage.url).port;
  process.env.QSTASH_DEV = "true";
  await startDevServer();
  noteExport("startDevServer");
  const dev = new Client();
  const { messageId } = await dev.publish({ url: `${here}/dev`, body: "x" });
  const { headers, body } = await delivered(messageId);
  const signature = headers["upstash-signature"];
  assert.equal(await new Receiver().verify({ signature, body, url: `${here}/dev` }), true);
  delete process.env.QSTASH_DEV;
}

export async function showsTheKeys() {
  assert.deepEqual(await stage.ask("GET", "/v2/keys"), { status: 200, answer: keys });
}
