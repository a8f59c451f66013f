import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import CauseList from "../src/components/causes/CauseList.svelte";
import { api } from "../src/lib/ipc";
import type { PostRow } from "../src/lib/ipc";
import { app } from "../src/lib/state/app.svelte";
import { causes } from "../src/lib/state/causes.svelte";
import { posts } from "../src/lib/state/posts.svelte";
import { toast } from "../src/lib/state/toast.svelte";
import { violations } from "./axe";
import { beside } from "./host";
import { end, scheduled, start, until, wallIn } from "./world";

beforeAll(() => start(undefined, false));
afterAll(end);
afterEach(async () => {
  causes.asked = null;
  cleanup();
  const { posts: left } = await api.list_posts({ view: "all" });
  await api.delete_posts({ posts: left.map(({ id }) => ({ id })) });
});

/** Makes posts whose time passes before they are handed over, and shows what needs the person. */
async function missed(texts: string[]) {
  const late = { ...(await api.get_settings()).late, post_within_minutes: 0 };
  await api.change_settings({ late });
  const made: PostRow[] = [];
  for (const text of texts) made.push(await scheduled(text, { wall_time: wallIn(1) }));
  await until(() =>
    expect(Math.max(...made.map((row) => row.scheduled_at ?? 0))).toBeLessThan(Date.now()),
  );
  await until(async () => {
    await api.sync_now();
    for (const { id } of made)
      expect((await api.get_post({ id })).row.status, "its time passed").toBe("missed");
  });
  await app.go("needs_you");
  render(CauseList);
  const found = await until(() => {
    const row = document.querySelector<HTMLElement>("[data-cause='missed:missed']");
    if (!row) throw new Error("no cause");
    return row;
  });
  return { made, row: within(found) };
}

it("posts of one reason stand together, can be shown alone, and one click schedules them again", async () => {
  const { row } = await missed(["late one", "late two"]);
  await app.refresh();
  expect(await violations()).toEqual([]);
  const user = userEvent.setup();
  await user.click(row.getByRole("button", { name: "2 posts" }));
  await until(() => expect(posts.rows.map(({ text }) => text)).toEqual(["late one", "late two"]));
  expect(posts.cause).toBe("missed:missed");
  await user.click(row.getByRole("button", { name: "Schedule all again" }));
  await until(() => expect(toast.current?.text).toBe("Scheduled 2 posts again."));
  expect(toast.current?.action?.label).toBe("Undo");
  await until(() => expect(causes.all).toEqual([]));
  expect(posts.cause).toBeNull();
});

it("they get new times in their order, which undo takes back", async () => {
  const { made, row } = await missed(["first late", "second late"]);
  const user = userEvent.setup();
  await user.click(row.getByRole("button", { name: "New times…" }));
  const field = await screen.findByLabelText("When");
  await fireEvent.input(field, { target: { value: "2031-03-03 09:00" } });
  const agree = screen.getByRole<HTMLButtonElement>("button", { name: "Schedule 2 posts" });
  await until(() => expect(agree.disabled).toBe(false));
  expect(await violations()).toEqual([]);
  await user.click(agree);
  await until(() => expect(toast.current?.text).toBe("Gave 2 posts new times."));
  const times = await Promise.all(made.map(({ id }) => api.get_post({ id })));
  expect(times.map(({ row }) => row.wall_time)).toEqual(["2031-03-03 09:00", "2031-03-03 09:30"]);
});

it("cancelling asks with the number, and nothing is done when there are others by now", async () => {
  const { made, row } = await missed(["given up", "given up too"]);
  const user = userEvent.setup();
  await user.click(row.getByRole("button", { name: "Cancel…" }));
  await screen.findByText("Cancel 2 posts?");
  await beside("cancel_posts", { posts: [{ id: made[0]?.id }] });
  await user.click(screen.getByRole("button", { name: "Cancel 2 posts" }));
  await until(() => expect(toast.current?.text).toContain("There are 1 such posts by now"));
  expect((await api.get_post({ id: made[1]?.id ?? "" })).row.status).toBe("missed");
  await until(() => expect(causes.all[0]?.posts).toBe(1));
  await user.click(row.getByRole("button", { name: "Cancel…" }));
  await user.click(await screen.findByRole("button", { name: "Cancel 1 post" }));
  await until(() => expect(toast.current?.text).toBe("Cancelled 1 post."));
});
