import { serve } from "@hono/node-server";
import { Client, Receiver } from "@upstash/qstash";
import { Hono } from "hono";

const port = Number(process.env.PORT ?? 3000);
const url = `http://127.0.0.1:${port}/hook`;
const app = new Hono().post("/hook", async (c) => {
  const [signature, body] = [c.req.header("upstash-signature"), await c.req.text()];
  await new Receiver().verify({ signature, body, url });
  console.log("delivered and verified:", body);
  return c.text("thanks");
});
serve({ fetch: app.fetch, port });
console.log(await new Client().publishJSON({ url, body: "hello" }));
