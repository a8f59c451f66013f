/** What a person sees while something is read, and when it can't be read. */
import { cleanup, render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import CalendarView from "../src/components/calendar/CalendarView.svelte";
import HealthSheet from "../src/components/health/HealthSheet.svelte";
import HistorySheet from "../src/components/HistorySheet.svelte";
import Imports from "../src/components/Imports.svelte";
import NoticeSheet from "../src/components/NoticeSheet.svelte";
import PostList from "../src/components/PostList.svelte";
import { app } from "../src/lib/state/app.svelte";
import { calendar } from "../src/lib/state/calendar.svelte";
import { health } from "../src/lib/state/health.svelte";
import { history } from "../src/lib/state/history.svelte";
import { notices } from "../src/lib/state/notices.svelte";
import { posts } from "../src/lib/state/posts.svelte";
import { cut } from "./host";
import { end, scheduled, start, until } from "./world";

beforeAll(() => start(["ada"]));
afterAll(end);
afterEach(() => {
  cut(false);
  cleanup();
});

const skeleton = (of: string) =>
  document.querySelector<HTMLElement>(`[data-skeleton="${of}"]`) ?? null;
const alert = () => document.querySelector("[role=alert]")?.textContent ?? "";

it("a placeholder is seen only after 150 ms, says what is read, and does not turn", () => {
  posts.loadedOf = null;
  render(PostList);
  const found = skeleton("posts");
  if (!found) throw new Error("no placeholder");
  const { visibility, animation } = getComputedStyle(found);
  expect(visibility).toBe("hidden");
  expect(animation).toMatch(/ 0s 150ms forwards$/);
  expect(found.getAttribute("role")).toBe("status");
  expect(found.textContent).toContain("Reading posts…");
});

it("a list shows placeholders until it is read, and says why it can't be, with a way to try again", async () => {
  await scheduled("Here", { wall_time: "2031-03-01 09:00" });
  posts.loadedOf = null;
  render(PostList);
  expect(skeleton("posts")).toBeTruthy();
  cut(true);
  await app.go("upcoming");
  await until(() => expect(alert()).toContain("can't be reached"));
  cut(false);
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  await until(() => expect(screen.getByText("Here")).toBeTruthy());
  expect(skeleton("posts")).toBeNull();
});

it("rows of another view are covered while those of the next one are read", async () => {
  await app.go("upcoming");
  render(PostList);
  posts.view = "drafts";
  await until(() => expect(skeleton("posts")?.classList.contains("covers")).toBe(true));
  await app.go("drafts");
  await until(() => expect(skeleton("posts")).toBeNull());
});

it("the calendar shows placeholders until it is read, and says why it can't be", async () => {
  calendar.days = [];
  cut(true);
  render(CalendarView);
  expect(skeleton("the calendar")).toBeTruthy();
  await until(() => expect(alert()).toContain("can't be reached"));
  cut(false);
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  await until(() => expect(calendar.days).toHaveLength(7));
  expect(skeleton("the calendar")).toBeNull();
});

it("nothing is called empty before it was read", async () => {
  app.areImportsRead = false;
  render(Imports);
  expect(skeleton("imports")).toBeTruthy();
  expect(document.querySelector("[data-empty=imports]")).toBeNull();
  cut(true);
  await app.go("imports");
  await until(() => expect(alert()).toContain("can't be reached"));
  cut(false);
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  await until(() => expect(document.querySelector("[data-empty=imports]")).toBeTruthy());
  cleanup();

  for (const [sheet, of, open] of [
    [() => render(HistorySheet), "the history", () => history.show()],
    [() => render(NoticeSheet), "notices", () => notices.show()],
  ] as const) {
    cut(true);
    sheet();
    expect(skeleton(of), of).toBeTruthy();
    await open();
    await until(() => expect(alert()).toContain("can't be reached"));
    cut(false);
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    await until(() => expect(document.querySelector("[role=alert]")).toBeNull());
    expect(skeleton(of), of).toBeNull();
    cleanup();
  }
});

it("Health shows placeholders for what is read, and says why it can't be", async () => {
  health.isRead = false;
  cut(true);
  render(HealthSheet);
  expect(skeleton("runs, deliveries and costs")).toBeTruthy();
  expect(skeleton("dead letters")).toBeTruthy();
  await until(() => expect(alert()).toContain("can't be reached"));
  cut(false);
  await userEvent.click(screen.getAllByRole("button", { name: "Try again" })[0] as HTMLElement);
  await until(() =>
    expect(screen.getByText("Windows of the day and what ran in them")).toBeTruthy(),
  );
  expect(skeleton("runs, deliveries and costs")).toBeNull();
});
