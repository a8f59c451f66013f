// What the laws share: clients of the server under test, a receiver, and a destination.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { Client, Receiver } from "@upstash/qstash";

const environment = process.env;
export const url = environment.QSTASH_URL;
export const token = environment.QSTASH_TOKEN;
export const keys = {
  current: environment.QSTASH_CURRENT_SIGNING_KEY,
  next: environment.QSTASH_NEXT_SIGNING_KEY,
};
export const client = new Client({ baseUrl: url, token, devMode: false });
/** The same server with the limits of the free plan. */
export const free = new Client({
  baseUrl: environment.QSTASH_FREE_URL,
  token,
  devMode: false,
  retry: false,
});
export const receiver = new Receiver({
  currentSigningKey: keys.current,
  nextSigningKey: keys.next,
  devMode: false,
});

/** Every delivery as it arrived. */
export const deliveries = [];

const destination = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks);
    const { url: path, method, headers } = request;
    deliveries.push({ path, method, headers, bytes: body, body: body.toString("utf8") });
    response.statusCode = path.startsWith("/fails") ? 500 : 200;
    response.end("answer");
  });
});
await new Promise((listening) => destination.listen(0, "127.0.0.1", listening));
export const here = `http://127.0.0.1:${destination.address().port}`;
/** A destination that nothing is sent to within these tests. */
export const elsewhere = "http://later.example";

export async function eventually(what, probe) {
  for (const end = Date.now() + 60_000; Date.now() < end; ) {
    const found = await probe();
    if (found) return found;
    await new Promise((again) => setTimeout(again, 10));
  }
  assert.fail(`waited in vain: ${what}`);
}

export const delivered = (id) =>
  eventually(`delivery of ${id}`, () =>
    deliveries.find((delivery) => delivery.headers["upstash-message-id"] === id),
  );

/** A request of no SDK. */
export async function ask(method, path, { headers, body } = {}) {
  const response = await fetch(`${url}${path}`, {
    method,
    body,
    headers: { Authorization: `Bearer ${token}`, ...headers },
  });
  const text = await response.text();
  return { status: response.status, answer: text ? JSON.parse(text) : undefined };
}

let count = 0;
/** A word that no other test uses. */
export const fresh = (word) => `contract-js-${word}-${(count += 1)}`;
