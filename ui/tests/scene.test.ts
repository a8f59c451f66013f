import { afterAll, beforeAll, expect, it } from "vitest";
import type { Overview } from "../src/lib/ipc";
import { sceneOf } from "../src/lib/scene";
import { app } from "../src/lib/state/app.svelte";
import { end, start } from "./world";

beforeAll(() => start());
afterAll(end);

function overview(): Overview {
  if (!app.overview) throw new Error("no overview yet");
  return structuredClone(app.overview);
}

const isOther = (change: (now: Overview) => void) => {
  const [before, now] = [overview(), overview()];
  change(now);
  return sceneOf(before) !== sceneOf(now);
};

it("the scene is another with the day, the relay, a name or a sign-in", () => {
  expect(isOther((now) => (now.now += 86_400_000))).toBe(true);
  const since = overview().now;
  const relay = { state: "not_reached", since, message: "" } as const;
  expect(isOther((now) => (now.sync.relay = relay))).toBe(true);
  const renamed = (now: Overview) =>
    now.accounts.forEach((account) => (account.username += "_new"));
  expect(isOther(renamed)).toBe(true);
  const signedOut = (now: Overview) =>
    now.accounts.forEach((account) => (account.health = "disconnected"));
  expect(isOther(signedOut)).toBe(true);
});

it("and the same while only counts and moments of the last answer differ", () => {
  const at = overview().now;
  const relay = { state: "reached", at, latency_ms: 1 } as const;
  const answered = (now: Overview) => (now.sync.relay = relay);
  const [before, now] = [overview(), overview()];
  answered(before);
  now.sync.relay = { ...relay, at: at + 500, latency_ms: 9 };
  now.counts.total += 1;
  now.accounts.forEach((account) => (account.open += 1));
  expect(sceneOf(before)).toBe(sceneOf(now));
});
