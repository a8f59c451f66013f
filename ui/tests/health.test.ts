import { cleanup, render, screen, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import StatusBar from "../src/components/StatusBar.svelte";
import HealthSheet from "../src/components/health/HealthSheet.svelte";
import { duration, lateness, runText, runTitle, windowsOf } from "../src/lib/health/windows";
import { api } from "../src/lib/ipc";
import type { SyncRunRow } from "../src/lib/ipc";
import { onKey } from "../src/lib/keys";
import { app } from "../src/lib/state/app.svelte";
import { clock } from "../src/lib/state/clock.svelte";
import { health } from "../src/lib/state/health.svelte";
import { violations } from "./axe";
import { copyText } from "./host";
import { end, scheduled, start, until, untilStatus, wallIn } from "./world";

beforeAll(() => start());
afterAll(end);
afterEach(() => {
  health.open = false;
  cleanup();
});

const run = (change: Partial<SyncRunRow>): SyncRunRow => ({
  id: 1,
  kind: "main",
  reason: "window",
  window_start: Date.UTC(2027, 2, 1, 6),
  window_end: Date.UTC(2027, 2, 1, 12),
  outcome: "done",
  staged: 0,
  published: 0,
  failed: 0,
  posts_beyond: 0,
  asked: 0,
  answered: 0,
  error_code: null,
  error_message: null,
  started_at: Date.UTC(2027, 2, 1, 6),
  finished_at: null,
  duration_ms: null,
  ...change,
});

it("runs stand under the window in which they ran, and say what they did", () => {
  const later = { window_start: Date.UTC(2027, 2, 1, 12), window_end: Date.UTC(2027, 2, 1, 18) };
  const recovery = run({ id: 2, kind: "recovery", reason: "recovery", asked: 3, answered: 2 });
  const windows = windowsOf([run({ id: 3, ...later }), recovery, run({})], "UTC");
  expect(windows.map(({ day, hours }) => [day, hours])).toEqual([
    ["2027-03-01", "12:00–18:00"],
    ["2027-03-01", "06:00–12:00"],
  ]);
  expect(windows[1]?.runs.map(({ id }) => id)).toEqual([2, 1]);
  expect(runTitle(recovery)).toBe("Recovery: results were missing");
  expect(runText(recovery)).toBe("3 asked for, 2 answered");
  expect(runText(run({}))).toBe("nothing to do");
  expect([80, 1234, 90_000].map(duration)).toEqual(["80 ms", "1.2 s", "2 min"]);
  expect([lateness(0, 40), lateness(0, 32_000), lateness(null, 1)]).toEqual([
    "on time",
    "32.0 s late",
    "",
  ]);
});

it("a click on the status bar opens Health, which tells runs, quotas, clocks and deliveries", async () => {
  const { id } = await scheduled("out in a moment", { wall_time: wallIn(1) });
  await untilStatus(id, "posted");
  await app.refresh();
  clock.now = Date.now();
  render(StatusBar);
  const user = userEvent.setup();
  await user.click(screen.getByRole("button", { name: /Relay OK/ }));
  expect(health.open).toBe(true);
  render(HealthSheet);
  await until(() => expect(document.querySelector(`[data-delivery="${id}"]`)).not.toBeNull());
  const told = (name: string) =>
    document.querySelector(`[data-health="${name}"]`)?.textContent ?? "";
  expect(told("relay")).toContain("Answered");
  expect(told("scheduler")).toContain("Answered");
  expect(told("quota")).toContain("taken today");
  expect(told("rate")).toContain("1 on X, 0 failed, 0 missed. Failure rate: 0.0 %.");
  expect(document.querySelectorAll("[data-window] ~ [data-run]").length).toBeGreaterThan(0);
  const charged = () =>
    document.querySelector("[data-cost-day]")?.textContent?.replace(/\s+/g, " ").trim();
  await until(() => expect(charged()).toMatch(/^Today, .*\$0\.015 ?1 post$/));
  expect(told("costs")).toContain("This month $0.015;");
  await until(() => expect(document.querySelector("[data-no-letters]")).not.toBeNull());
  await user.click(screen.getByRole("button", { name: "Look at everything" }));
  await until(() =>
    expect(document.querySelectorAll("[data-check-health]").length).toBeGreaterThan(3),
  );
  expect(await violations()).toEqual([]);
  await user.click(screen.getByRole("button", { name: "Copy diagnostics" }));
  await until(() => expect(copyText).toHaveBeenCalledOnce());
  expect(copyText.mock.calls[0]?.[0]).not.toContain("out in a moment");
  onKey(new KeyboardEvent("keydown", { key: "Escape", cancelable: true }));
  expect(health.open).toBe(false);
});

it("what X charged stays when the post is removed from Roost", async () => {
  const [{ posts }, before] = await Promise.all([
    api.list_posts({ view: "posted" }),
    api.list_daily_costs({}),
  ]);
  const [row] = posts;
  if (!row) throw new Error("nothing went out");
  await api.delete_posts({ posts: [{ id: row.id, based_on: row.version }] });
  expect((await api.list_posts({ view: "posted" })).posts).toHaveLength(posts.length - 1);
  expect(await api.list_daily_costs({})).toEqual(before);
  expect((await api.get_overview()).sync.month_cost_micros).toBe(before.days[0]?.cost_micros);
});

it("an account is paused and goes on from Health", async () => {
  health.show();
  render(HealthSheet);
  const row = document.querySelector<HTMLElement>('[data-health-account="grace"]');
  if (!row) throw new Error("no account");
  const user = userEvent.setup();
  await user.click(within(row).getByRole("switch"));
  const paused = async () =>
    (await api.list_accounts()).accounts.find(({ username }) => username === "grace")?.paused;
  await until(async () => expect(await paused()).toBe(true));
  await until(() =>
    expect(within(row).getByRole("switch").getAttribute("aria-checked")).toBe("true"),
  );
  await user.click(within(row).getByRole("switch"));
  await until(async () => expect(await paused()).toBe(false));
});
