import { cleanup, render } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import App from "../src/App.svelte";
import { app } from "../src/lib/state/app.svelte";
import { clock } from "../src/lib/state/clock.svelte";
import { posts } from "../src/lib/state/posts.svelte";
import { end, scheduled, start, until } from "./world";

beforeAll(async () => {
  // jsdom lays nothing out, and a list without height draws little.
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(900);
  await start(["ada"]);
  for (let hours = 2; hours < 12; hours += 1) await scheduled(`in ${hours} hours`, inHours(hours));
});
afterAll(end);
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const inHours = (hours: number) => {
  const at = new Date(Date.now() + hours * 3_600_000).toISOString();
  return { wall_time: at.slice(0, 19).replace("T", " ") };
};

it("an idle window has one timer a second and no other, and none while it is hidden", async () => {
  const running = new Map<unknown, number | undefined>();
  const { setInterval: set, clearInterval: clear } = window;
  vi.spyOn(window, "setInterval").mockImplementation(((run: () => void, ms?: number) => {
    const timer = set(run, ms);
    running.set(timer, ms);
    return timer;
  }) as typeof setInterval);
  vi.spyOn(window, "clearInterval").mockImplementation((timer) => {
    running.delete(timer);
    clear(timer);
  });
  const frames = vi.spyOn(window, "requestAnimationFrame");
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(false);
  const { unmount } = render(App);
  await until(() => expect(app.overview).not.toBeNull());
  expect([...running.values()]).toEqual([1000]);

  hidden.mockReturnValue(true);
  document.dispatchEvent(new Event("visibilitychange"));
  expect([...running.values()]).toEqual([]);
  clock.now = 0;
  hidden.mockReturnValue(false);
  document.dispatchEvent(new Event("visibilitychange"));
  expect([...running.values()]).toEqual([1000]);
  expect(Date.now() - clock.now).toBeLessThan(5000);
  const drawn = frames.mock.calls.length;
  const begun = clock.now;
  await until(() => expect(clock.now - begun).toBeGreaterThan(1500));
  expect(frames.mock.calls.length).toBe(drawn);
  unmount();
  expect([...running.values()]).toEqual([]);
});

it("nothing on the page changes from second to second while no post is near", async () => {
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(900);
  render(App);
  await app.go("upcoming");
  await until(() => expect(document.querySelectorAll("[data-post]")).toHaveLength(10));
  await until(() => expect(posts.rows.every(({ status }) => status === "queued")).toBe(true));
  await until(() => expect(document.querySelector("[data-x]")).not.toBeNull());
  const changes: MutationRecord[] = [];
  const observer = new MutationObserver((seen) => changes.push(...seen));
  const watched = { subtree: true, childList: true, characterData: true, attributes: true };
  observer.observe(document.body, watched);
  // From one minute after the last answer on, so that what is told in minutes stays for one as well.
  const { sync } = app.overview ?? {};
  const answered = sync?.relay.state === "reached" ? sync.relay.at : 0;
  const minute = Math.max(answered, sync?.last_sync_at ?? 0) + 60_000;
  clock.now = minute + 1000;
  await tick();
  await tick();
  observer.takeRecords();
  changes.length = 0;
  const told = app.overview;
  for (let second = 2; second < 50; second += 1) {
    clock.now = minute + second * 1000;
    await tick();
  }
  const seen = [...changes, ...observer.takeRecords()];
  observer.disconnect();
  // What the engine told meanwhile is no tick of the clock.
  if (app.overview === told) expect(seen.map(({ target }) => target.textContent)).toEqual([]);
});
