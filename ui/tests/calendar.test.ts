import { cleanup, render, screen, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import CalendarView from "../src/components/calendar/CalendarView.svelte";
import { instantOf } from "../src/lib/calendar/place";
import { timeOfDay } from "../src/lib/format";
import { api } from "../src/lib/ipc";
import type { PostRow } from "../src/lib/ipc";
import { onKey } from "../src/lib/keys";
import { app } from "../src/lib/state/app.svelte";
import { calendar } from "../src/lib/state/calendar.svelte";
import { clock } from "../src/lib/state/clock.svelte";
import { composer } from "../src/lib/state/composer.svelte";
import { posts } from "../src/lib/state/posts.svelte";
import { toast } from "../src/lib/state/toast.svelte";
import { mondayOf, plusDays } from "../src/lib/wall";
import { violations } from "./axe";
import { end, scheduled, start, until } from "./world";

beforeAll(() => start());
afterAll(end);

/** A day of next week, so that no test depends on today's. */
const day = (after: number) => plusDays(app.today, 7 + after);

async function planned(text: string, minute = 600, change = {}): Promise<PostRow> {
  const time = `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  return scheduled(text, { wall_time: `${day(0)} ${time}`, zone: app.zone, ...change });
}

async function open() {
  await app.go("calendar");
  calendar.anchor = day(0);
  await calendar.show("week");
  render(CalendarView);
  await screen.findByRole("region", { name: "Drafts without a time" });
  return userEvent.setup();
}

const chip = (text: string) => screen.findByRole("button", { name: new RegExp(`${text}\\.`) });
const wallOf = async (id: string) => (await api.get_post({ id })).row.wall_time;

beforeEach(() => {
  window.addEventListener("keydown", onKey);
  localStorage.removeItem("roost.calendar.mode");
});

afterEach(async () => {
  window.removeEventListener("keydown", onKey);
  cleanup();
  calendar.leave();
  composer.discard();
  await composer.close();
  toast.dismiss();
  posts.currentId = null;
  app.detail = null;
  const { posts: left } = await api.list_posts({ view: "all" });
  if (left.length > 0) await api.delete_posts({ posts: left.map(({ id }) => ({ id })) });
});

it("shows each post on its day, the drafts without a time beside, and what is handed over", async () => {
  await planned("On the day");
  await planned("A planned draft", 660, { draft: true });
  await api.create_post({ text: "No time yet", draft: true, account: "ada" });
  await open();
  const found = await chip("On the day");
  expect(found.closest("[data-day]")?.getAttribute("data-day")).toBe(day(0));
  expect((await chip("A planned draft")).classList).toContain("hollow");
  const tray = screen.getByRole("region", { name: "Drafts without a time" });
  expect(within(tray).getByRole("button", { name: /No time yet/ })).toBeTruthy();
  calendar.anchor = app.today;
  await calendar.read();
  await until(() => expect(document.querySelector("[data-handed-over]")).not.toBeNull());
  expect(await violations()).toEqual([]);
});

it("a post is moved by keys, and the message takes the move back", async () => {
  const post = await planned("Moved by keys");
  const user = await open();
  (await chip("Moved by keys")).focus();
  await user.keyboard(" ");
  expect(calendar.drag?.by).toBe("keys");
  await user.keyboard("{ArrowDown}{ArrowDown}{Shift>}{ArrowDown}{/Shift}{ArrowRight}");
  expect(document.querySelector("[data-drag-label]")?.textContent).toContain("11:30");
  expect(await wallOf(post.id)).toBe(post.wall_time);
  await user.keyboard("{Enter}");
  await until(async () => expect(await wallOf(post.id)).toBe(`${day(1)} 11:30`));
  await until(() => expect(toast.current?.action?.label).toBe("Undo"));
  expect(toast.current?.text).toMatch(/^Moved to .*11:30, 1 day .*later\.$/);
  await until(() => expect(document.activeElement?.getAttribute("data-chip")).toBe(post.id));
  toast.current?.action?.run();
  await until(async () => expect(await wallOf(post.id)).toBe(post.wall_time));
});

it("Escape leaves it where it was, and so does a time that has passed, which says so", async () => {
  const post = await planned("Stays");
  const user = await open();
  (await chip("Stays")).focus();
  await user.keyboard(" {ArrowDown}{Escape}");
  expect(calendar.drag).toBeNull();
  await user.keyboard(" ");
  for (let week = 0; week < 2; week += 1)
    for (let days = 0; days < 7; days += 1) await user.keyboard("{ArrowLeft}");
  expect(document.querySelector("[data-drag-label]")?.textContent).toContain(
    "that time has passed",
  );
  await user.keyboard("{Enter}");
  await until(() => expect(toast.current?.text).toMatch(/^Not moved: .* has passed\.$/));
  expect(await wallOf(post.id)).toBe(post.wall_time);
});

/** Lets the pointer lie over an element: jsdom lays nothing out. */
function under(selector: string) {
  document.elementsFromPoint = () => {
    const found = document.querySelector(selector);
    return found ? [found] : [];
  };
}

const pointer = (type: string, x: number, y: number, target: EventTarget = window) =>
  target.dispatchEvent(
    new MouseEvent(type, { clientX: x, clientY: y, button: 0, bubbles: true, cancelable: true }),
  );

it("a post is dragged with the pointer: it snaps to a quarter, and a press without a move is a click", async () => {
  const post = await planned("Dragged");
  await open();
  const found = await chip("Dragged");
  under(`[data-day="${day(2)}"]`);
  pointer("pointerdown", 10, 10, found);
  pointer("pointermove", 11, 11);
  expect(calendar.drag).toBeNull();
  // 48 pixels an hour: 8:07 snaps to 8:00.
  pointer("pointermove", 60, 388);
  expect(calendar.label).toContain("08:00");
  pointer("pointerup", 60, 390);
  await until(async () => expect(await wallOf(post.id)).toBe(`${day(2)} 08:00`));
});

it("a draft of the tray is planned and stays a draft; one dragged back has no time", async () => {
  const { post } = await api.create_post({ text: "Some day", draft: true, account: "ada" });
  await open();
  under(`[data-day="${day(1)}"]`);
  pointer("pointerdown", 10, 10, await chip("Some day"));
  pointer("pointermove", 60, 480);
  pointer("pointerup", 60, 480);
  await until(async () => expect(await wallOf(post.id)).toBe(`${day(1)} 10:00`));
  expect((await api.get_post({ id: post.id })).row.status).toBe("draft");
  await until(() => expect(calendar.tray).toEqual([]));
  under("[data-tray]");
  pointer("pointerdown", 60, 480, await chip("Some day"));
  pointer("pointermove", 900, 300);
  pointer("pointerup", 900, 300);
  await until(async () => expect(await wallOf(post.id)).toBeNull());
});

it("a post of another zone keeps it: only its instant follows the calendar", async () => {
  const post = await scheduled("In New York", {
    wall_time: `${day(0)} 10:00`,
    zone: "America/New_York",
  });
  const user = await open();
  (await chip("In New York")).focus();
  await user.keyboard(" {Shift>}{ArrowDown}{/Shift}{Enter}");
  await until(async () => {
    const { row } = await api.get_post({ id: post.id });
    expect([row.zone, row.wall_time]).toEqual(["America/New_York", `${day(0)} 11:00`]);
  });
});

it("what is on X can't be moved", async () => {
  const post = await planned("Already out");
  const row = { ...post, status: "posted" as const };
  calendar.lift(row, "keys");
  expect(calendar.drag).toBeNull();
});

it("a click on an empty time writes a post for it, and one on the past says that it has passed", async () => {
  await open();
  const column = document.querySelector<HTMLElement>(`[data-day="${day(3)}"]`);
  column?.dispatchEvent(new MouseEvent("click", { clientY: 9 * 48 + 2, bubbles: true }));
  await until(() => expect(composer.open).toBe(true));
  await until(() => expect(composer.when.wallTime).toBe(`${day(3)} 09:00`));
  await composer.close();
  await calendar.go(plusDays(app.today, -7));
  const past = plusDays(app.today, -8);
  await until(() => {
    expect(document.querySelector("[data-day]")?.getAttribute("data-day")).toBe(calendar.first);
  });
  const gone = document.querySelector<HTMLElement>("[data-day]");
  gone?.dispatchEvent(new MouseEvent("click", { clientY: 10, bubbles: true }));
  await until(() => expect(toast.current?.text).toContain("has passed"));
  expect([composer.open, past < app.today]).toEqual([false, true]);
});

it("a month shows three posts of a day and how many more, and keeps the time of day of what is moved", async () => {
  for (let index = 0; index < 5; index += 1) await planned(`Post ${index}`, 600 + index * 30);
  const user = await open();
  await user.click(screen.getByRole("radio", { name: "Month" }));
  await until(() => expect(calendar.days).toHaveLength(42));
  const cell = document.querySelector<HTMLElement>(`[data-day="${day(0)}"]`);
  await until(() => expect(cell?.textContent).toContain("+2 more"));
  expect(cell?.querySelectorAll("[data-chip]")).toHaveLength(3);
  expect(await violations()).toEqual([]);
  (await chip("Post 0")).focus();
  await user.keyboard(" {ArrowDown}{Enter}");
  const [moved] = (await api.list_posts({ view: "all", search: '"Post 0"' })).posts;
  expect(moved).toBeDefined();
  await until(async () => {
    const all = (await api.list_posts({ view: "upcoming" })).posts;
    expect(all.find(({ text }) => text === "Post 0")?.wall_time).toBe(`${day(7)} 10:00`);
  });
});

it("free posting times stand on their days, and one is written for with a click", async () => {
  const account = app.overview?.accounts.find(({ username }) => username === "ada");
  const slots = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, hour: 12, minute: 0 }));
  await api.set_slots({ x_user_id: account?.x_user_id ?? "", zone: app.zone, slots });
  const user = await open();
  await until(() => expect(document.querySelectorAll("[data-slot]")).toHaveLength(7));
  await user.click(document.querySelector<HTMLElement>("[data-slot]") as HTMLElement);
  await until(() => expect(composer.when.time).toBe("12:00"));
  await composer.close();
  await api.set_slots({ x_user_id: account?.x_user_id ?? "", zone: app.zone, slots: [] });
});

it("a day of ten thousand posts is read and drawn as far as it can be seen, and says how many more", async () => {
  vi.spyOn(api, "get_agenda").mockImplementation(async (query) => {
    const days = Array.from({ length: 7 }, (_, index) => {
      const date = plusDays(query.from ?? "", index);
      const from = instantOf({ day: date, minute: 0 }, app.zone);
      return {
        date,
        from,
        until: from + 86_400_000,
        posts: 10_000,
        by_status: [],
        rows: [],
        free: [],
      };
    });
    return Promise.resolve({ zone: app.zone, days });
  });
  await open();
  const rest = await screen.findAllByRole("button", { name: /10,000 more: show the list/ });
  expect(rest).toHaveLength(7);
  expect(timeOfDay(clock.now, app.zone)).toMatch(/^\d\d:\d\d$/);
});

it("of a crowded week the hours in view are drawn, and others as they are scrolled to", async () => {
  // The agenda of the test before is none.
  vi.restoreAllMocks();
  const at = (index: number) =>
    `${plusDays(mondayOf(day(0)), Math.floor(index / 48))} ${clockOf((index % 48) * 30)}`;
  const clockOf = (minute: number) =>
    `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  const rows = Array.from({ length: 300 }, (_, index) => `${at(index)},crowd ${index},ada`);
  const text = `time,text,account\n${rows.join("\n")}`;
  const session = await api.open_import({ sources: [{ name: "crowd.csv", text }] });
  await api.commit_import({ session: session.id });
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(480);
  await open();
  const drawn = () => document.querySelectorAll("[data-day] [data-chip]").length;
  await until(() => expect(drawn()).toBeGreaterThan(0));
  expect(drawn()).toBeLessThan(250);
  const area = document.querySelector<HTMLElement>("[data-calendar-area]");
  if (!area) throw new Error("no hours");
  const last = () => document.querySelector(`[aria-label^="23:30 crowd"]`);
  area.scrollTop = 0;
  area.dispatchEvent(new Event("scroll"));
  await until(() => expect(last()).toBeNull());
  area.scrollTop = 24 * 48 - 480;
  area.dispatchEvent(new Event("scroll"));
  await until(() => expect(last()).not.toBeNull());
  expect(drawn()).toBeLessThan(250);
});
