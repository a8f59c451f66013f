import { cleanup, render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import Composer from "../src/components/Composer.svelte";
import Inspector from "../src/components/Inspector.svelte";
import PostRow from "../src/components/PostRow.svelte";
import { api } from "../src/lib/ipc";
import { ruleOf } from "../src/lib/series";
import type { Choice } from "../src/lib/series";
import { accounts } from "../src/lib/state/accounts.svelte";
import { app } from "../src/lib/state/app.svelte";
import { composer } from "../src/lib/state/composer.svelte";
import { posts } from "../src/lib/state/posts.svelte";
import { repeat } from "../src/lib/state/repeat.svelte";
import { toast } from "../src/lib/state/toast.svelte";
import { violations } from "./axe";
import { account, end, start, until, wallIn } from "./world";

beforeAll(() => start());
afterAll(end);
afterEach(async () => {
  cleanup();
  composer.discard();
  await composer.close();
  posts.currentId = null;
  app.detail = null;
  toast.dismiss();
});

const noon = () => `${wallIn(3 * 86_400).slice(0, 10)} 12:00`;
const upcoming = async (search: string) =>
  (await api.list_posts({ view: "upcoming", search })).posts;

describe("a rule", () => {
  const choice: Choice = {
    every: "day",
    days: [],
    lastDay: false,
    rule: "",
    ends: "never",
    until: "",
    times: 3,
  };

  it("is what was chosen, as RFC 5545 writes it", () => {
    const rule = (change: Partial<Choice>) => ruleOf({ ...choice, ...change }, "2027-03-31");
    expect(rule({})).toBe("FREQ=DAILY");
    expect(rule({ every: "weekday" })).toBe("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR");
    expect(rule({ every: "week", days: ["TH", "MO"] })).toBe("FREQ=WEEKLY;BYDAY=MO,TH");
    expect(rule({ every: "week" })).toBe("FREQ=WEEKLY");
    expect(rule({ every: "month" })).toBe("FREQ=MONTHLY;BYMONTHDAY=31");
    expect(rule({ every: "month", lastDay: true })).toBe("FREQ=MONTHLY;BYMONTHDAY=-1");
    expect(rule({ every: "rule", rule: "every 2 weeks", ends: "times" })).toBe("every 2 weeks");
    expect(rule({ ends: "times" })).toBe("FREQ=DAILY;COUNT=3");
    expect(rule({ ends: "until", until: "2027-06-30" })).toBe("FREQ=DAILY;UNTIL=20270630");
  });
});

describe("a post that repeats", () => {
  it("is written with the composer, which shows its next times and its cost", async () => {
    accounts.used(account("ada").x_user_id);
    await composer.openNew();
    render(Composer);
    const user = userEvent.setup();
    composer.setText(0, "Tea at noon");
    composer.when.set(noon());
    repeat.every = "day";
    // The same words every day are refused: X does so, too.
    await until(() => expect(document.querySelector("[data-repeat-issue]")).not.toBeNull());
    expect(document.querySelector("[data-repeat-issue]")?.textContent).toContain("24 hours");
    expect(composer.ready).toBe(false);
    for (const words of ["Time for tea", "The kettle sings"]) {
      await user.click(screen.getByText("Add a variant of the text"));
      const fields = document.querySelectorAll<HTMLTextAreaElement>("[data-variant]");
      await user.type(fields[fields.length - 1] as HTMLTextAreaElement, words);
    }
    await until(() => expect(composer.ready).toBe(true));
    expect(document.querySelector("[data-next]")?.textContent.split("·").length).toBe(5);
    expect(document.querySelector("[data-series-cost]")?.textContent).toContain("$0.045");
    expect(await violations()).toEqual([]);
    await composer.schedule();
    expect(composer.open).toBe(false);
    expect(toast.current?.text).toMatch(/^Repeats every day: 8\d posts planned\.$/);
    expect((await api.list_posts({ view: "drafts" })).posts).toEqual([]);
    const rows = await upcoming("tea");
    expect(rows.length).toBeGreaterThan(50);
    expect(rows[0]?.series).not.toBeNull();
  });

  it("has a mark on its row, and tells in the inspector how it goes on", async () => {
    const [first, second] = await upcoming("tea");
    if (!first || !second) throw new Error("no posts");
    const nothing = () => undefined;
    const row = { time: null, current: false, position: 0, total: 1 };
    render(PostRow, { row: first, ...row, onpick: nothing, onopen: nothing });
    expect(document.querySelector("[data-repeats]")).not.toBeNull();
    cleanup();
    posts.currentId = first.id;
    await app.refreshDetail();
    if (!app.detail) throw new Error("no detail");
    render(Inspector, { detail: app.detail });
    const user = userEvent.setup();
    await screen.findByText(/Repeats every day/);
    expect(document.querySelector("[data-series-next]")).not.toBeNull();
    await user.click(await screen.findByText("Skip this one"));
    await until(async () =>
      expect((await api.get_post({ id: first.id })).row.status).toBe("cancelled"),
    );
    const { series } = await api.get_series({ id: first.series ?? "" });
    expect(series.skipped).toEqual([first.occurrence]);
  });

  it("is changed alone, or with those that follow", async () => {
    const all = await upcoming("sings");
    const chosen = all[2];
    if (!chosen) throw new Error("no posts");
    await composer.openFor(chosen.id);
    render(Composer);
    expect(document.querySelector("[data-scope]")).not.toBeNull();
    composer.setText(0, "The kettle whistles");
    repeat.scope = "following";
    await until(() => expect(composer.ready).toBe(true));
    await composer.schedule();
    expect(composer.problem).toBeNull();
    expect((await upcoming("sings")).length).toBe(2);
    expect((await upcoming("whistles")).length).toBeGreaterThan(20);
    expect(toast.current?.text).toMatch(/^Series changed: \d+ posts changed\.$/);
  });

  it("is ended with the posts that wait", async () => {
    const [first] = await upcoming("whistles");
    if (!first) throw new Error("no posts");
    posts.currentId = first.id;
    await app.refreshDetail();
    if (!app.detail) throw new Error("no detail");
    render(Inspector, { detail: app.detail });
    const user = userEvent.setup();
    await user.click(await screen.findByText("End the series"));
    await user.click(await screen.findByText(/^End it, cancel \d+ posts$/));
    await screen.findByText("It has ended.");
    expect(await upcoming("whistles")).toEqual([]);
  });
});
