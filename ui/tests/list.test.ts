import { cleanup, render, screen, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import PostList from "../src/components/PostList.svelte";
import Toolbar from "../src/components/Toolbar.svelte";
import Rail from "../src/components/Rail.svelte";
import { api } from "../src/lib/ipc";
import { accounts } from "../src/lib/state/accounts.svelte";
import { app } from "../src/lib/state/app.svelte";
import { clock } from "../src/lib/state/clock.svelte";
import { composer } from "../src/lib/state/composer.svelte";
import { posts } from "../src/lib/state/posts.svelte";
import { saved } from "../src/lib/state/saved.svelte";
import { violations } from "./axe";
import { beside, copyText, cut, running } from "./host";
import { account, end, scheduled, start, until, untilStatus, wallIn } from "./world";

beforeAll(() => start());
afterAll(end);

beforeEach(async () => {
  // jsdom lays nothing out, and a list without height draws little.
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(900);
  await app.go("upcoming");
});
afterEach(async () => {
  cleanup();
  await app.showAccount(null);
  const { posts: left } = await api.list_posts({ view: "all" });
  await api.delete_posts({ posts: left.map(({ id }) => ({ id })) });
  // What the relay has heard of leaves only once the relay has let go of it.
  await app.go("upcoming");
  await until(() => expect(posts.rows).toEqual([]));
});

const shown = () => posts.rows.map(({ text }) => text);

it("a post that is made, moved or cancelled is patched in its place, and no page is read again", async () => {
  await scheduled("first", { wall_time: wallIn(3600) });
  const second = await scheduled("second", { wall_time: wallIn(7200) });
  await until(() => expect(shown()).toEqual(["first", "second"]));
  const reload = vi.spyOn(posts, "reload");
  await scheduled("between", { wall_time: wallIn(5400) });
  await until(() => expect(shown()).toEqual(["first", "between", "second"]));
  const first = posts.rows[0];
  await api.edit_post({ id: second.id, change: { wall_time: wallIn(1800), zone: "Etc/UTC" } });
  await until(() => expect(shown()).toEqual(["second", "first", "between"]));
  expect(posts.rows[1]?.id).toBe(first?.id);
  await api.cancel_posts({ posts: [{ id: second.id }] });
  await untilStatus(second.id, "cancelled");
  await until(() => expect(shown()).toEqual(["first", "between"]));
  expect(posts.total).toBe(2);
  expect(reload).not.toHaveBeenCalled();
});

it("what another process does reaches the window, which nobody asks to refresh", async () => {
  await app.refresh();
  const refresh = vi.spyOn(app, "refresh");
  await beside("create_post", {
    text: "from the command line",
    wall_time: wallIn(3600),
    zone: "Etc/UTC",
    account: "grace",
  });
  await until(() => expect(shown()).toEqual(["from the command line"]));
  expect(refresh).not.toHaveBeenCalled();
});

it("the rail filters by account, rows say whose they are, and the choice is remembered", async () => {
  await scheduled("of ada");
  await scheduled("of grace", { account: "grace" });
  await until(() => expect(shown()).toHaveLength(2));
  render(Rail);
  render(PostList);
  expect(document.querySelectorAll("[data-post] .whose")).toHaveLength(2);
  const user = userEvent.setup();
  await user.click(screen.getByRole("button", { name: /@grace/ }));
  await until(() => expect(shown()).toEqual(["of grace"]));
  expect(screen.getByRole("button", { name: /@grace/ }).getAttribute("aria-pressed")).toBe("true");
  expect(localStorage.getItem("roost.account.shown")).toBe(account("grace").x_user_id);
  await scheduled("another of ada");
  await scheduled("another of grace", { account: "grace" });
  await until(() => expect(shown()).toEqual(["of grace", "another of grace"]));
  await user.click(screen.getByRole("button", { name: "All accounts" }));
  await until(() => expect(shown()).toHaveLength(4));
});

it("a thread says how many parts it has", async () => {
  await scheduled("One", { thread: ["Two", "Three"] });
  await until(() => expect(shown()).toEqual(["One"]));
  render(PostList);
  expect(document.querySelector("[data-thread]")?.textContent).toBe("3 parts");
});

it("a draft whose first part is blank says so", async () => {
  await api.create_post({ text: "", thread: ["Its second part"], account: "ada" });
  await posts.show("drafts");
  render(PostList);
  await screen.findByText("No text yet");
});

it("search finds a post by its words, and a day's header counts its posts", async () => {
  await scheduled("river owl");
  await scheduled("mountain goat");
  await until(() => expect(shown()).toHaveLength(2));
  posts.search = "owl";
  await posts.reload(true);
  expect(shown()).toEqual(["river owl"]);
  render(PostList);
  expect(screen.getAllByText("1 post").length).toBeGreaterThan(0);
});

it("rows and the open post are read anew when the relay is lost and found, though no post changes", async () => {
  const post = await scheduled("in two places");
  await until(() => expect(posts.rows.map(({ status }) => status)).toEqual(["queued"]));
  posts.currentId = post.id;
  await app.refresh();
  const [reload, detail] = [vi.spyOn(posts, "reload"), vi.spyOn(app, "refreshDetail")];
  await running("services", "stop");
  await expect(api.sync_now()).rejects.toThrow(/could not be reached/);
  await until(() => {
    expect(reload).toHaveBeenCalled();
    expect(detail).toHaveBeenCalled();
  });
  const before = reload.mock.calls.length;
  await running("services", "start");
  await until(() => expect(reload.mock.calls.length).toBeGreaterThan(before));
  posts.currentId = null;
});

it("another day is another list, though no post changes", async () => {
  await scheduled("tomorrow's");
  await until(() => expect(shown()).toHaveLength(1));
  const reload = vi.spyOn(posts, "reload");
  clock.now = Date.now() + 86_400_000;
  await until(() => expect(reload).toHaveBeenCalled());
  clock.now = Date.now();
});

it("an account that can't be chosen any more is not filtered by, and the list is read anew", async () => {
  await scheduled("of ada");
  accounts.show("0");
  await posts.reload(true);
  expect(shown()).toEqual([]);
  app.apply({ kind: "accounts" });
  await until(() => expect(shown()).toEqual(["of ada"]));
  expect(accounts.shown).toBeNull();
});

it("nor is the only account that is left", () => {
  const all = accounts.all;
  const ada = account("ada");
  accounts.show(ada.x_user_id);
  accounts.update([ada]);
  expect([accounts.shown, localStorage.getItem("roost.account.shown")]).toEqual([null, null]);
  accounts.show(ada.x_user_id);
  accounts.update([]);
  expect(accounts.shown).toBeNull();
  accounts.update(all);
});

it("what changed while nothing could be read is read with the next change", async () => {
  await scheduled("one");
  await until(() => expect(shown()).toHaveLength(1));
  cut(true);
  const { wall_time, zone } = { wall_time: wallIn(3600), zone: "Etc/UTC" };
  await beside("create_post", { text: "two", wall_time, zone, account: "ada" });
  await until(() => expect(app.fatalError).not.toBeNull());
  cut(false);
  await scheduled("three");
  await until(() => expect(shown().toSorted()).toEqual(["one", "three", "two"]));
  expect(app.fatalError).toBeNull();
});

it("a patch that fails is made good by the next one", async () => {
  const post = await scheduled("one");
  await until(() => expect(shown()).toEqual(["one"]));
  await untilStatus(post.id, "queued");
  await scheduled("two");
  await until(() => expect(shown()).toHaveLength(2));
  cut(true);
  await posts.patch(new Set([post.id]));
  expect(posts.error).not.toBeNull();
  cut(false);
  const reload = vi.spyOn(posts, "reload");
  await posts.patch(new Set([post.id]));
  expect(reload).toHaveBeenCalled();
  expect(posts.error).toBeNull();
});

it("a list that shrinks without being scrolled loads what follows", async () => {
  await app.go("drafts");
  const texts = Array.from({ length: 505 }, (_, index) => `draft ${index}`);
  const made = await Promise.all(texts.map((text) => api.create_post({ text, draft: true })));
  await posts.reload(true);
  expect([posts.rows.length, posts.complete]).toEqual([500, false]);
  const gone = posts.rows.slice(0, 260).map(({ id }) => id);
  await api.delete_posts({ posts: gone.map((id) => ({ id })) });
  await posts.patch(new Set(gone));
  expect([posts.rows.length, posts.complete]).toEqual([made.length - gone.length, true]);
  await api.delete_posts({ posts: posts.rows.map(({ id }) => ({ id })) });
});

it("stands in the order of the times that it shows, and what went out late says so", async () => {
  await app.go("today");
  const post = await scheduled("late one", { wall_time: wallIn(3600) });
  await until(() => expect(posts.rows.length).toBeGreaterThanOrEqual(0));
  const at = post.scheduled_at ?? 0;
  posts.rows = [
    { ...post, status: "posted", posted_at: at + 150_000 },
    { ...post, id: `${post.id.slice(0, -1)}0`, text: "in time", scheduled_at: at + 240_000 },
  ];
  render(PostList);
  const times = [...document.querySelectorAll("[data-post] .time")].map((time) => time.textContent);
  expect([...times].sort()).toEqual(times);
  expect(screen.getByText("2 min late")).toBeTruthy();
});

it("a click beside the rows clears the selection, so that no key meets a post that was left", async () => {
  const post = await scheduled("chosen");
  await until(() => expect(shown()).toEqual(["chosen"]));
  render(PostList);
  const user = userEvent.setup();
  await user.click(screen.getByRole("option", { name: /chosen/ }));
  await until(() => expect(app.detail?.row.id).toBe(post.id));
  await user.click(screen.getByRole("listbox", { name: "Posts" }));
  expect([posts.currentId, app.detail]).toEqual([null, null]);
});

it("another search begins at its top, counts its posts, marks its words, and tells of other places", async () => {
  for (let index = 0; index < 3; index += 1) await scheduled(`river owl ${index}`);
  await api.create_post({ text: "a drafted owl", draft: true, account: "ada" });
  await until(() => expect(shown()).toHaveLength(3));
  render(PostList);
  render(Toolbar);
  const list = screen.getByRole("listbox", { name: "Posts" });
  list.scrollTop = 700;
  const user = userEvent.setup();
  await user.type(screen.getByRole("searchbox"), "owl");
  await until(() => expect(document.querySelector("[data-found]")?.textContent).toMatch(/3 posts/));
  await until(() => expect(list.scrollTop).toBe(0));
  expect([...document.querySelectorAll("mark")].map(({ textContent }) => textContent)).toEqual([
    "owl",
    "owl",
    "owl",
  ]);
  await user.click(await screen.findByRole("button", { name: "1 elsewhere" }));
  await until(() => expect(app.place).toBe("all"));
  await until(() => expect(shown()).toContain("a drafted owl"));
});

it("tags stand in the rail with their posts, which a click shows wherever they are", async () => {
  await scheduled("tagged twice", { tags: ["launch", "two words"] });
  await api.create_post({ text: "tagged draft", draft: true, account: "ada", tags: ["launch"] });
  await scheduled("without one");
  render(Rail);
  const launch = await screen.findByRole("button", { name: "launch 2" });
  await userEvent.click(launch);
  await until(() => expect(shown().toSorted()).toEqual(["tagged draft", "tagged twice"]));
  expect(launch.getAttribute("aria-pressed")).toBe("true");
  await userEvent.click(screen.getByRole("button", { name: "two words 1" }));
  await until(() => expect(shown()).toEqual(["tagged twice"]));
  await userEvent.click(screen.getByRole("button", { name: "two words 1" }));
  await until(() => expect(shown()).toContain("without one"));
});

it("every post is somewhere: one that was cancelled stands in All posts", async () => {
  const post = await scheduled("taken back", { wall_time: wallIn(5 * 86_400) });
  await api.cancel_posts({ posts: [{ id: post.id }] });
  await untilStatus(post.id, "cancelled");
  await app.go("all");
  expect(shown()).toContain("taken back");
  posts.statuses = ["cancelled"];
  await posts.reload(true);
  expect(shown()).toEqual(["taken back"]);
});

it("a search takes operators, and says why one of them finds nothing", async () => {
  await scheduled("see https://example.com/a", { tags: ["launch"] });
  await scheduled("without");
  await app.go("all");
  posts.search = "has:link tag:launch account:@ada";
  await posts.reload(true);
  expect(shown()).toEqual(["see https://example.com/a"]);
  posts.search = "status:lost";
  await posts.reload(true);
  render(PostList);
  expect(await screen.findByText(/Write a status after status: Draft, Pending/)).toBeTruthy();
});

it("free posting times stand as dashed rows between what is planned, and one is filled with a click", async () => {
  const ada = account("ada").x_user_id;
  const slots = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, hour: 12, minute: 0 }));
  await api.set_slots({ x_user_id: ada, zone: app.zone, slots });
  await scheduled("on the fourth day", { wall_time: wallIn(4 * 86_400) });
  await app.go("upcoming");
  render(PostList);
  await until(() =>
    expect(document.querySelectorAll("[data-free-slot]").length).toBeGreaterThan(6),
  );
  const lines = [...document.querySelectorAll("[data-free-slot], [data-post]")];
  const post = lines.findIndex((line) => line.hasAttribute("data-post"));
  expect(post).toBeGreaterThanOrEqual(3);
  expect(await violations()).toEqual([]);
  const user = userEvent.setup();
  await user.click(lines[0] as HTMLElement);
  await until(() => expect(composer.when.time).toBe("12:00"));
  expect(composer.account).toBe(ada);
  await composer.close();
  await api.set_slots({ x_user_id: ada, zone: app.zone, slots: [] });
});

it("a filter that is kept stands in the rail, shows the same again, and can be forgotten", async () => {
  await scheduled("a kept owl");
  await scheduled("another bird");
  await until(() => expect(shown()).toHaveLength(2));
  render(Rail);
  render(Toolbar);
  const user = userEvent.setup();
  await user.type(screen.getByRole("searchbox"), "owl");
  await until(() => expect(shown()).toEqual(["a kept owl"]));
  await user.click(screen.getByRole("button", { name: "Save filter" }));
  await app.go("drafts");
  await user.click(screen.getByRole("button", { name: "owl" }));
  await until(() => expect(shown()).toEqual(["a kept owl"]));
  expect([app.place, posts.search]).toEqual(["upcoming", "owl"]);
  await user.click(screen.getByRole("button", { name: "Forget owl" }));
  expect(saved.all).toEqual([]);
});

it("a right click offers what can be done with that post, by pointer and by keys", async () => {
  await scheduled("copied", { wall_time: wallIn(7200) });
  await scheduled("first", { wall_time: wallIn(3600) });
  await until(() => expect(shown()).toEqual(["first", "copied"]));
  render(PostList);
  const user = userEvent.setup();
  const row = () => screen.getByRole("option", { name: /copied/ });
  await user.pointer({ keys: "[MouseRight]", target: row() });
  const menu = await screen.findByRole("menu");
  const names = within(menu)
    .getAllByRole("menuitem")
    .map(({ dataset }) => dataset.menuItem);
  expect(names).toEqual(["edit", "move", "duplicate", "copy", "cancel", "delete"]);
  expect(await violations()).toEqual([]);
  expect(app.detail?.row.text).toBe("copied");
  await until(() => expect(document.activeElement?.textContent).toContain("Edit"));
  await user.keyboard("{ArrowUp}{ArrowUp}{ArrowUp}{Enter}");
  await until(() => expect(copyText).toHaveBeenCalledWith("copied"));
  expect(screen.queryByRole("menu")).toBeNull();

  await user.pointer({ keys: "[MouseRight]", target: row() });
  await user.click(await screen.findByRole("menuitem", { name: "Duplicate" }));
  await until(() => expect(composer.texts).toEqual(["copied"]));
  await until(() => expect(composer.saveState).toBe("saved"));
  await composer.close();
  const drafts = (await api.list_posts({ view: "drafts" })).posts;
  expect(drafts.map(({ text }) => text)).toEqual(["copied"]);
  expect(shown()).toEqual(["first", "copied"]);
  // A click beside the menu and Escape close it, and nothing is done.
  await user.pointer({ keys: "[MouseRight]", target: row() });
  await screen.findByRole("menu");
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("menu")).toBeNull();
});
