import { cleanup, render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import NoticeSheet from "../src/components/NoticeSheet.svelte";
import Rail from "../src/components/Rail.svelte";
import { api } from "../src/lib/ipc";
import type { PostRow } from "../src/lib/ipc";
import { onKey } from "../src/lib/keys";
import { app } from "../src/lib/state/app.svelte";
import { notices } from "../src/lib/state/notices.svelte";
import { posts } from "../src/lib/state/posts.svelte";
import { violations } from "./axe";
import { end, scheduled, start, until, wallIn } from "./world";

beforeAll(() => start(["ada"], false));
afterAll(end);
afterEach(() => {
  cleanup();
  notices.open = false;
  app.settingsOpen = false;
});

/** Makes posts whose time passes before they are handed over. */
async function missed(texts: string[]): Promise<string[]> {
  const late = { ...(await api.get_settings()).late, post_within_minutes: 0 };
  await api.change_settings({ late });
  const made: PostRow[] = [];
  for (const text of texts) made.push(await scheduled(text, { wall_time: wallIn(1) }));
  const last = Math.max(...made.map((row) => row.scheduled_at ?? 0));
  await until(() => expect(last).toBeLessThan(Date.now()));
  await until(async () => {
    await api.sync_now();
    for (const { id } of made)
      expect((await api.get_post({ id })).row.status, "its time passed").toBe("missed");
  });
  await app.refresh();
  return made.map(({ id }) => id);
}

it("many posts of one cause are one notice, which leads to what needs the person", async () => {
  await missed(["one", "two", "three"]);
  render(Rail);
  const user = userEvent.setup();
  expect(app.overview?.unread_notices).toBe(3);
  await user.click(screen.getByRole("button", { name: "Notices, 3 unread" }));
  render(NoticeSheet);
  const notice = await screen.findByRole("button", { name: /3 posts were missed/ });
  expect(notice.textContent).toContain("New");
  expect(notice.textContent).toContain("The newest:");
  expect(await violations()).toEqual([]);
  await user.click(notice);
  await until(() => expect([notices.open, app.place]).toEqual([false, "needs_you"]));
  // What was shown is read.
  await until(() => expect(app.overview?.unread_notices).toBe(0));
  expect(await screen.findByRole("button", { name: "Notices" })).toBeTruthy();
});

it("a notice of one post opens it, and the key and Escape open and close the list", async () => {
  const [id] = await missed(["alone"]);
  app.place = "today";
  onKey(new KeyboardEvent("keydown", { key: "b", cancelable: true }));
  expect(notices.open).toBe(true);
  render(NoticeSheet);
  const notice = await screen.findByRole("button", { name: /A post was missed.*alone/s });
  await userEvent.setup().click(notice);
  await until(() => expect(app.detail?.row.id).toBe(id));
  expect([app.place, posts.currentId]).toEqual(["all", id]);
  onKey(new KeyboardEvent("keydown", { key: "b", cancelable: true }));
  onKey(new KeyboardEvent("keydown", { key: "Escape", cancelable: true }));
  expect(notices.open).toBe(false);
});

it("what the person turned off is told nowhere but on its post", async () => {
  const { notices: channels } = await api.get_settings();
  await api.change_settings({ notices: { ...channels, missed: "off" } });
  const before = (await api.list_notices({ all: true })).notices.length;
  await missed(["quiet"]);
  expect((await api.list_notices({ all: true })).notices.length).toBe(before);
  await api.change_settings({ notices: { ...channels, missed: "system" } });
});
