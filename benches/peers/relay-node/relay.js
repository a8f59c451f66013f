// A relay for Node: verifies QStash's signature over the raw body, takes the post up, answers,
// then writes the intent, calls X, writes the result. Every step is on disk before the next.

import { serve } from "@hono/node-server";
import { Receiver } from "@upstash/qstash";
import { Hono } from "hono";

import { openLedger } from "./ledger.js";

const PATH = "/api/qstash/post-tweet";
const { DATABASE, PORT, PUBLIC_URL, QSTASH_CURRENT_SIGNING_KEY, QSTASH_NEXT_SIGNING_KEY } =
  process.env;
const url = `${PUBLIC_URL}${PATH}`;

const ledger = openLedger(DATABASE);
const receiver = new Receiver({
  currentSigningKey: QSTASH_CURRENT_SIGNING_KEY,
  nextSigningKey: QSTASH_NEXT_SIGNING_KEY,
});

/** Everything but the call to X. */
async function createPost() {
  return { state: "refused", outcome: "definite", code: "dry_run" };
}

async function publish(post) {
  if (!ledger.begin(post, Date.now())) return;
  ledger.settle(post, await createPost(post), Date.now());
}

/** Publishes once the answer is on its way. */
function schedule(post) {
  setImmediate(() => {
    publish(post).catch((error) => console.error(`post ${post.post_id}:`, error));
  });
}

const app = new Hono();

app.get("/healthz", (c) => c.json({ status: "ok" }));

app.post(PATH, async (c) => {
  const body = await c.req.text();
  const signature = c.req.header("upstash-signature") ?? "";
  const good = await receiver.verify({ signature, body, url }).catch(() => false);
  if (!good) return c.json({ error: "the signature is not good" }, 401);
  let trigger;
  try {
    trigger = JSON.parse(body);
  } catch (error) {
    return c.json({ error: error.message }, 489, { "Upstash-NonRetryable-Error": "true" });
  }
  const { postId, revision } = trigger;
  const post = ledger.claim(postId, revision, Date.now());
  if (post) {
    schedule(post);
    return c.json({ postId, revision, state: "claimed" }, 202);
  }
  const known = ledger.find(postId);
  if (!known) return c.json({ error: "never staged here" }, 503, { "Retry-After": "30" });
  return c.json({ postId, revision: known.revision, state: known.state, code: known.code });
});

ledger.recover().forEach(schedule);
const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: Number(PORT) });

process.on("SIGTERM", () => {
  server.close(() => ledger.close());
  server.closeAllConnections();
});
