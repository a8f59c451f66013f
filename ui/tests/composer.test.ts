import { cleanup, render, screen, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import Composer from "../src/components/Composer.svelte";
import PostRow from "../src/components/PostRow.svelte";
import UnsavedEdit from "../src/components/UnsavedEdit.svelte";
import { api } from "../src/lib/ipc";
import type { PostRow as Row, UnsavedEdit as UnsavedEditOf } from "../src/lib/ipc";
import { accounts } from "../src/lib/state/accounts.svelte";
import { composer } from "../src/lib/state/composer.svelte";
import { toast } from "../src/lib/state/toast.svelte";
import { beside, cut } from "./host";
import { account, end, scheduled, start, until, untilStatus, wallIn } from "./world";

beforeAll(() => start());
afterAll(end);

async function open(): Promise<ReturnType<typeof userEvent.setup>> {
  accounts.used(account("ada").x_user_id);
  await composer.openNew();
  render(Composer);
  return userEvent.setup();
}

const texts = () => screen.getAllByRole<HTMLTextAreaElement>("textbox", { name: /^Text of/ });
const onpick = () => undefined;
const drafts = async () => (await api.list_posts({ view: "drafts" })).posts;

async function textsOf(post: Row | undefined): Promise<string[]> {
  return post ? (await api.get_post({ id: post.id })).parts : [];
}

beforeEach(async () => {
  const posts = (await drafts()).map(({ id }) => ({ id }));
  if (posts.length > 0) await api.delete_posts({ posts });
});

afterEach(async () => {
  cut(false);
  cleanup();
  composer.discard();
  await composer.close();
  toast.dismiss();
});

describe("a new post", () => {
  it("is kept as one draft from its first letters on, however long one types", async () => {
    const user = await open();
    await user.type(screen.getByLabelText("Text of the post"), "Hello");
    await until(() => expect(composer.saveState).toBe("saved"));
    expect((await drafts()).map(({ text }) => text)).toEqual(["Hello"]);
    await user.type(screen.getByLabelText("Text of the post"), " world");
    await until(async () => {
      expect((await drafts()).map(({ text }) => text)).toEqual(["Hello world"]);
    });
  });

  it("is written on at once: the text has the focus, not the sheet's first button", async () => {
    await open();
    await until(() => expect(document.activeElement).toBe(texts()[0]));
  });

  it("loses nothing when it is closed at once", async () => {
    const user = await open();
    await user.type(screen.getByLabelText("Text of the post"), "Quick");
    await composer.close();
    expect((await drafts()).map(({ text }) => text)).toEqual(["Quick"]);
    expect(composer.open).toBe(false);
  });

  it("stays open when the draft could not be kept", async () => {
    const user = await open();
    cut(true);
    await user.type(screen.getByLabelText("Text of the post"), "Precious");
    await composer.close();
    expect(composer.open).toBe(true);
    expect(await screen.findByText("The engine can't be reached.")).toBeTruthy();
  });

  it("is scheduled from the kept draft, which is then no draft any more", async () => {
    const user = await open();
    await user.type(screen.getByLabelText("Text of the post"), "On its way");
    await until(() => expect(composer.saveState).toBe("saved"));
    await until(() => expect(composer.ready).toBe(true));
    await user.keyboard("{Control>}{Enter}{/Control}");
    await until(() => expect(composer.open).toBe(false));
    expect(await drafts()).toEqual([]);
    const { posts } = await api.list_posts({ view: "upcoming", search: "way" });
    expect(posts.map(({ text, username }) => [text, username])).toEqual([["On its way", "ada"]]);
    expect(toast.current?.text).toMatch(/^Scheduled: goes out \w{3} \d+ \w+, \d\d:\d\d\.$/);
  });

  it("that is too long is not scheduled, and says where it becomes too long", async () => {
    await open();
    composer.setText(0, `🦉${"a".repeat(300)}`);
    await until(() => expect(composer.parts[0]?.count?.overflow_at).toBe(280));
    expect(composer.ready).toBe(false);
    expect(document.querySelector("mark")?.textContent.trim()).toMatch(/^a{22}/);
  });
});

describe("what is typed", () => {
  it("is on disk at most a second later, though one never rests", async () => {
    const user = await open();
    const area = screen.getByLabelText("Text of the post");
    const began = performance.now();
    let typed = 0;
    // A letter every few milliseconds: no pause is long enough for a save that waits for one.
    while ((await drafts()).length === 0) {
      await user.type(area, "a", { skipClick: typed > 0 });
      typed += 1;
      if (performance.now() - began > 30_000) throw new Error(`${typed} letters, and nothing kept`);
    }
    expect(typed).toBeGreaterThan(1);
    expect(composer.saveState).not.toBe("empty");
  });
});

describe("the time", () => {
  const field = () => screen.getByLabelText<HTMLInputElement>("When");

  it("is typed as people say it, and shown in full", async () => {
    const user = await open();
    await user.type(screen.getByLabelText("Text of the post"), "On New Year's Eve");
    await user.clear(field());
    await user.type(field(), "31 dec 18:45{Enter}");
    await until(() => expect(composer.when.wallTime).toMatch(/^\d{4}-12-31 18:45$/));
    expect(field().value).toMatch(/^\w{3} 31 Dec( \d{4})?, 18:45$/);
    await user.keyboard("{ArrowUp}");
    expect(composer.when.time).toBe("19:00");
    await until(() => expect(composer.ready).toBe(true));
    await composer.schedule();
    const { posts } = await api.list_posts({ view: "upcoming", search: "Eve" });
    expect(posts[0]?.wall_time).toMatch(/-12-31 19:00$/);
  });

  it("that is none is named, and nothing is scheduled at another one", async () => {
    const user = await open();
    await user.type(screen.getByLabelText("Text of the post"), "When?");
    await until(() => expect(composer.ready).toBe(true));
    await user.clear(field());
    await user.type(field(), "25:00{Tab}");
    expect(await screen.findByText(/"25:00" is no time/)).toBeTruthy();
    expect(field().value).toBe("25:00");
    expect(composer.ready).toBe(false);
    await user.click(field());
    await user.keyboard("{Escape}");
    await until(() => expect(composer.ready).toBe(true));
    expect(composer.open).toBe(true);
  });

  it("of a draft is kept with its zone, and the draft stays one", async () => {
    const user = await open();
    await user.type(screen.getByLabelText("Text of the post"), "Later");
    await until(() => expect(composer.saveState).toBe("saved"));
    expect((await drafts())[0]?.wall_time).toBeNull();
    await composer.when.setZone("Asia/Kolkata");
    await user.clear(field());
    await user.type(field(), "31 dec 9{Enter}");
    await until(() => expect(composer.when.time).toBe("09:00"));
    await composer.close();
    const [draft] = await drafts();
    expect(draft?.wall_time).toMatch(/-12-31 09:00$/);
    expect([draft?.status, draft?.zone]).toEqual(["draft", "Asia/Kolkata"]);
    await composer.openFor(draft?.id ?? "");
    expect(composer.when.wallTime).toBe(draft?.wall_time);
    expect(composer.when.zone).toBe("Asia/Kolkata");
  });

  it("of a new post begins in the zone of the settings, whatever the last one had", async () => {
    await open();
    await composer.when.setZone("America/New_York");
    composer.setText(0, "In New York");
    await until(() => expect(composer.ready).toBe(true));
    await composer.schedule();
    await until(() => expect(composer.open).toBe(false));
    await composer.openNew();
    expect(composer.when.zone).not.toBe("America/New_York");
  });

  it("near another post of the account says which", async () => {
    const wall_time = wallIn(86_400).slice(0, 16);
    await scheduled("the neighbour", { wall_time });
    await open();
    composer.setText(0, "the next one");
    await composer.when.setZone("Etc/UTC");
    composer.when.set(wall_time);
    expect(
      await screen.findByText(/Another post of the account goes out at the same time/),
    ).toBeTruthy();
    expect(composer.ready).toBe(true);
  });
});

describe("a thread", () => {
  it("is written with the keyboard alone, each part counted and priced", async () => {
    const user = await open();
    await user.type(screen.getByLabelText("Text of the post"), "One");
    await user.keyboard("{Alt>}{Enter}{/Alt}");
    await until(() => expect(document.activeElement).toBe(texts()[1]));
    await user.keyboard("Two, see https://example.com");
    await until(() => expect(composer.parts.map(({ count }) => count?.weighted)).toEqual([3, 32]));
    expect(screen.getByLabelText("Part 2 of 2").textContent).toContain("$0.20");
    expect(document.querySelector("[data-cost]")?.textContent.trim()).toBe("$0.215");
    await until(() => expect(composer.saveState).toBe("saved"));
    const [draft] = await drafts();
    expect(await textsOf(draft)).toEqual(["One", "Two, see https://example.com"]);
  });

  it("is moved, split and merged with keys, and keeps every word", async () => {
    const user = await open();
    await user.type(screen.getByLabelText("Text of the post"), "first second");
    texts()[0]?.setSelectionRange(5, 5);
    await user.keyboard("{Control>}{Shift>}s{/Shift}{/Control}");
    await until(() => expect(texts().map(({ value }) => value)).toEqual(["first", "second"]));
    await until(() => expect(document.activeElement).toBe(texts()[1]));
    await user.keyboard("{Alt>}{ArrowUp}{/Alt}");
    await until(() => expect(texts().map(({ value }) => value)).toEqual(["second", "first"]));
    await until(() => expect(document.activeElement).toBe(texts()[0]));
    await user.keyboard("{Alt>}{ArrowDown}{/Alt}");
    await until(() => expect(texts().map(({ value }) => value)).toEqual(["first", "second"]));
    await user.keyboard("{Control>}{Shift>}m{/Shift}{/Control}");
    await until(() => expect(texts().map(({ value }) => value)).toEqual(["first\nsecond"]));
  });

  it("is made of a text that is too long, numbered or not, and is one text again on demand", async () => {
    const user = await open();
    const text = "This sentence has a number of words in it. ".repeat(8).trim();
    await user.click(screen.getByLabelText("Text of the post"));
    await user.paste(text);
    await user.click(await screen.findByRole("button", { name: "Split into a thread" }));
    await until(() => expect(composer.texts.length).toBe(2));
    expect(composer.texts.join(" ")).toBe(text);
    for (const part of composer.texts) expect(part.endsWith(" words in it.")).toBe(true);
    await user.click(screen.getByRole("button", { name: "As it was" }));
    expect(composer.texts).toEqual([text]);
    await user.click(await screen.findByRole("button", { name: /number/ }));
    await until(() => expect(composer.texts.at(-1)).toMatch(/ words in it\. 2\/2$/));
    await until(() => expect(composer.parts.every(({ count }) => count?.valid)).toBe(true));
    await until(async () => expect(await textsOf((await drafts())[0])).toEqual(composer.texts));
    // What was typed since is not thrown away.
    await user.type(texts()[1] as HTMLTextAreaElement, "!");
    expect(screen.queryByRole("button", { name: "As it was" })).toBeNull();
  });

  it("loses no part without a word: what was removed can be put back", async () => {
    const user = await open();
    await user.type(screen.getByLabelText("Text of the post"), "One");
    await user.click(screen.getByRole("button", { name: /thread/ }));
    await until(() => expect(document.activeElement).toBe(texts()[1]));
    await user.keyboard("Two");
    await user.click(screen.getByRole("button", { name: "Remove part 1" }));
    expect(composer.texts).toEqual(["Two"]);
    const said = screen.getByText(/A part was removed/);
    await user.click(within(said).getByRole("button", { name: "Put it back" }));
    expect(composer.texts).toEqual(["One", "Two"]);
    expect(screen.queryByText(/A part was removed/)).toBeNull();
  });

  it("that is scheduled is edited as a whole: no part is dropped", async () => {
    const post = await scheduled("One", { thread: ["Two", "Three"] });
    await composer.openFor(post.id);
    render(Composer);
    expect(texts().map(({ value }) => value)).toEqual(["One", "Two", "Three"]);
    expect(composer.changed).toBe(false);
    const user = userEvent.setup();
    await user.type(texts()[2] as HTMLTextAreaElement, ", changed");
    expect(composer.changed).toBe(true);
    await until(() => expect(composer.ready).toBe(true));
    await composer.schedule();
    expect(composer.problem).toBeNull();
    expect(await textsOf(post)).toEqual(["One", "Two", "Three, changed"]);
  });

  it("with an error names it at its part", async () => {
    const user = await open();
    await user.type(screen.getByLabelText("Text of the post"), "fine");
    composer.addPart(0);
    composer.setText(1, "x".repeat(281));
    const second = await screen.findByLabelText("Part 2 of 2");
    await until(() => expect(within(second).getByText(/1 too many/)).toBeTruthy());
    expect(screen.getByLabelText("Part 1 of 2").querySelector("[data-issue]")).toBeNull();
  });
});

describe("with two accounts", () => {
  it("a post can't be scheduled until the person has chosen, and the choice is remembered", async () => {
    localStorage.clear();
    accounts.used(null);
    await composer.openNew();
    composer.account = null;
    render(Composer);
    const user = userEvent.setup();
    const menu = screen.getByRole("combobox", { name: /Account/ });
    await user.type(screen.getByLabelText("Text of the post"), "Whose is it?");
    expect(await screen.findByText(/names no account, and 2 are connected/)).toBeTruthy();
    expect(composer.ready).toBe(false);
    await user.click(menu);
    await user.click(await screen.findByText("@grace", { selector: "dialog *" }));
    await until(() => expect(composer.ready).toBe(true));
    await composer.schedule();
    const { posts } = await api.list_posts({ view: "upcoming", search: "whose" });
    expect(posts.map(({ username }) => username)).toEqual(["grace"]);
    expect(accounts.preferred).toBe(account("grace").x_user_id);
  });

  it("an edit keeps the post's own account", async () => {
    const post = await scheduled("Of grace", { account: "grace" });
    accounts.used(account("ada").x_user_id);
    await composer.openFor(post.id);
    expect(composer.account).toBe(account("grace").x_user_id);
    expect(composer.changed).toBe(false);
  });
});

describe("a change of a scheduled post", () => {
  it("is asked about before it is thrown away, and kept when it is left twice", async () => {
    const post = await scheduled("Old");
    await composer.openFor(post.id);
    composer.setText(0, "New");
    await composer.close();
    expect([composer.open, composer.confirmDiscard]).toEqual([true, true]);
    await composer.close();
    expect([composer.open, composer.confirmDiscard]).toEqual([true, false]);
    expect(composer.texts).toEqual(["New"]);
    composer.discard();
    expect(composer.open).toBe(false);
    expect(await textsOf(post)).toEqual(["Old"]);
  });

  it("is kept beside its post as it is typed, found again, and saved only on purpose", async () => {
    const post = await scheduled("As planned");
    await composer.openFor(post.id);
    render(Composer);
    composer.setText(0, "As planned, and mo");
    composer.when.set(wallIn(9000).slice(0, 16));
    await until(() => expect(composer.saveState).toBe("saved"));
    expect(await textsOf(post)).toEqual(["As planned"]);
    await composer.close();
    await userEvent.setup().click(screen.getByRole("button", { name: "Finish later" }));
    await until(() => expect(composer.open).toBe(false));
    const { row, unsaved_edit } = await api.get_post({ id: post.id });
    expect([row.has_unsaved_edit, row.version]).toEqual([true, post.version]);
    expect(unsaved_edit?.content.parts.map(({ text }) => text)).toEqual(["As planned, and mo"]);
    // The list says so, and so does the inspector, which goes on with it.
    render(PostRow, {
      row,
      time: "",
      current: false,
      position: 0,
      total: 1,
      onpick,
      onopen: onpick,
    });
    expect(screen.getByText("Unsaved change")).toBeTruthy();
    render(UnsavedEdit, { edit: unsaved_edit as UnsavedEditOf, row });
    await userEvent.setup().click(screen.getByRole("button", { name: "Go on" }));
    await until(() => expect(composer.texts).toEqual(["As planned, and mo"]));
    expect(screen.getByText(/was not saved: the post goes out as it was/)).toBeTruthy();
    expect(composer.changed).toBe(true);
    composer.setText(0, "As planned, and more");
    await until(() => expect(composer.ready).toBe(true));
    await composer.schedule();
    expect(await textsOf(post)).toEqual(["As planned, and more"]);
    expect((await api.get_post({ id: post.id })).unsaved_edit).toBeNull();
  });

  it("that is thrown away, or written back, is kept nowhere", async () => {
    const post = await scheduled("Stays");
    const kept = async () => (await api.get_post({ id: post.id })).unsaved_edit;
    await composer.openFor(post.id);
    composer.setText(0, "Goes");
    await until(() => expect(composer.saveState).toBe("saved"));
    composer.setText(0, "Stays");
    await until(() => expect(composer.saveState).toBe("empty"));
    expect(await kept()).toBeNull();
    composer.setText(0, "Goes");
    await until(() => expect(composer.saveState).toBe("saved"));
    composer.discard();
    await until(async () => expect(await kept()).toBeNull());
    composer.open = false;
    await composer.openFor(post.id);
    expect(composer.texts).toEqual(["Stays"]);
  });

  it("whose post goes out meanwhile is a draft, and goes on being one", async () => {
    const post = await scheduled("Out it goes", { wall_time: wallIn(2) });
    await composer.openFor(post.id);
    composer.setText(0, "Out it goes, changed");
    await until(() => expect(composer.saveState).toBe("saved"));
    await untilStatus(post.id, "posted");
    composer.setText(0, "Out it goes, changed too late");
    await until(() => expect(composer.editing).toBeNull());
    expect(composer.open).toBe(true);
    await until(async () =>
      expect((await drafts()).map(({ text }) => text)).toEqual(["Out it goes, changed too late"]),
    );
    expect(await textsOf(post)).toEqual(["Out it goes"]);
    await composer.close();
    expect(composer.open).toBe(false);
  });

  it("that was cancelled says that it schedules it again, and does", async () => {
    const post = await scheduled("Second thoughts");
    await api.cancel_posts({ posts: [{ id: post.id }] });
    await until(async () => {
      expect((await api.get_post({ id: post.id })).row.status).toBe("cancelled");
    });
    await composer.openFor(post.id);
    render(Composer);
    expect(await screen.findByRole("button", { name: /Schedule again/ })).toBeTruthy();
    composer.when.set(wallIn(7200).slice(0, 16));
    await until(() => expect(composer.ready).toBe(true));
    await composer.schedule();
    expect(composer.problem).toBeNull();
    const { row } = await api.get_post({ id: post.id });
    expect(["pending", "queued"]).toContain(row.status);
  });
});

describe("a post that another program changes while it is edited", () => {
  async function conflict(post: Row) {
    await composer.openFor(post.id);
    render(Composer);
    await beside("edit_post", { id: post.id, change: { text: "theirs", thread: ["and more"] } });
    composer.setText(0, "mine");
    await until(() => expect(composer.ready).toBe(true));
    await composer.schedule();
    const shown = screen.getByRole("alert");
    expect(shown.textContent).toContain("changed meanwhile");
    expect(shown.textContent).toContain("theirs");
    expect(shown.textContent).toContain("and more");
    expect(await textsOf(post)).toEqual(["theirs", "and more"]);
    return userEvent.setup();
  }

  it("is not overwritten: the person sees what it says now and keeps their own", async () => {
    const post = await scheduled("before");
    const user = await conflict(post);
    await user.click(screen.getByRole("button", { name: "Keep mine" }));
    await until(() => expect(composer.open).toBe(false));
    expect(await textsOf(post)).toEqual(["mine"]);
  });

  it("or takes the other's", async () => {
    const post = await scheduled("before");
    const user = await conflict(post);
    await user.click(screen.getByRole("button", { name: "Take theirs" }));
    await until(() => expect(composer.texts).toEqual(["theirs", "and more"]));
    expect(composer.conflict).toBeNull();
    expect(composer.changed).toBe(false);
    expect(await textsOf(post)).toEqual(["theirs", "and more"]);
  });

  it("is not deleted either, where it is a draft that the person empties", async () => {
    const user = await open();
    await user.type(screen.getByLabelText("Text of the post"), "mine");
    await until(() => expect(composer.saveState).toBe("saved"));
    const [draft] = await drafts();
    await beside("edit_post", { id: draft?.id, change: { text: "theirs" } });
    await user.clear(screen.getByLabelText("Text of the post"));
    await until(() => expect(composer.saveState).not.toMatch(/unsaved|saving/));
    expect((await drafts()).map(({ text }) => text)).toEqual(["theirs"]);
    expect(screen.getByRole("alert").textContent).toContain("theirs");
    await user.click(screen.getByRole("button", { name: "Keep mine" }));
    await until(async () => expect(await drafts()).toEqual([]));
    expect(composer.conflict).toBeNull();
  });

  it("but one that only went on by itself is changed without a question", async () => {
    const post = await scheduled("on its way");
    await composer.openFor(post.id);
    await untilStatus(post.id, "queued");
    composer.setText(0, "on its way, changed");
    await until(() => expect(composer.ready).toBe(true));
    await composer.schedule();
    expect(composer.conflict).toBeNull();
    expect(await textsOf(post)).toEqual(["on its way, changed"]);
  });

  it("nor is one that was cancelled meanwhile scheduled again, although its words are the same", async () => {
    const post = await scheduled("to be withdrawn");
    await composer.openFor(post.id);
    render(Composer);
    await beside("cancel_posts", { posts: [{ id: post.id }] });
    await untilStatus(post.id, "cancelled");
    composer.setText(0, "mine");
    await until(() => expect(composer.ready).toBe(true));
    await composer.schedule();
    expect(screen.getByRole("alert").textContent).toContain("Cancelled");
    const { row, parts } = await api.get_post({ id: post.id });
    expect([row.status, parts]).toEqual(["cancelled", ["to be withdrawn"]]);
    const user = userEvent.setup();
    await user.click(screen.getByRole("button", { name: "Keep mine" }));
    expect((await api.get_post({ id: post.id })).row.status).toBe("cancelled");
    await user.click(await screen.findByRole("button", { name: /Schedule again/ }));
    await until(() => expect(composer.open).toBe(false));
    expect(await textsOf(post)).toEqual(["mine"]);
  });
});

describe("a draft that another program deletes while it is written", () => {
  async function deletedBeside() {
    const user = await open();
    await user.type(screen.getByLabelText("Text of the post"), "Here");
    await until(() => expect(composer.saveState).toBe("saved"));
    const [draft] = await drafts();
    await beside("delete_posts", { posts: [{ id: draft?.id }] });
    return user;
  }

  it("is made anew with what is typed next, and the composer closes", async () => {
    const user = await deletedBeside();
    await user.type(screen.getByLabelText("Text of the post"), " again");
    await composer.close();
    expect(composer.open).toBe(false);
    expect((await drafts()).map(({ text }) => text)).toEqual(["Here again"]);
  });

  it("is scheduled all the same where the person says so", async () => {
    await deletedBeside();
    await until(() => expect(composer.ready).toBe(true));
    await composer.schedule();
    expect([composer.problem, composer.open]).toEqual([null, false]);
    const { posts } = await api.list_posts({ view: "upcoming", search: "here" });
    expect(posts.map(({ text }) => text)).toEqual(["Here"]);
  });

  it("is gone where it is emptied here", async () => {
    const user = await deletedBeside();
    await user.clear(screen.getByLabelText("Text of the post"));
    await composer.close();
    expect([composer.open, await drafts()]).toEqual([false, []]);
  });
});

describe("a draft that another program schedules while it is written", () => {
  async function scheduledBeside() {
    const user = await open();
    await user.type(screen.getByLabelText("Text of the post"), "Half");
    await until(() => expect(composer.saveState).toBe("saved"));
    const [draft] = await drafts();
    if (!draft) throw new Error("no draft");
    const change = { wall_time: wallIn(3 * 86_400), zone: "Etc/UTC", account: "ada" };
    await beside("edit_post", { id: draft.id, change });
    return { user, draft, at: (await api.get_post({ id: draft.id })).row.scheduled_at };
  }

  it("gets no half-typed words: the person is asked, and saves them on purpose", async () => {
    const { user, draft, at } = await scheduledBeside();
    await user.type(screen.getByLabelText("Text of the post"), " a thought");
    await user.click(await screen.findByRole("button", { name: "Keep mine" }));
    await user.type(screen.getByLabelText("Text of the post"), ", finished");
    expect(await screen.findByRole("button", { name: /Save change/ })).toBeTruthy();
    await composer.save();
    expect(await textsOf(draft)).toEqual(["Half"]);
    await until(() => expect(composer.ready).toBe(true));
    await composer.schedule();
    expect(await textsOf(draft)).toEqual(["Half a thought, finished"]);
    // The time was the other's; nothing but words was written here.
    const minuteOf = (moment: number | null) => Math.floor((moment ?? 0) / 60_000);
    const { row } = await api.get_post({ id: draft.id });
    expect(minuteOf(row.scheduled_at)).toBe(minuteOf(at));
  });

  it("is not deleted when it is emptied here", async () => {
    const { user, draft } = await scheduledBeside();
    await user.clear(screen.getByLabelText("Text of the post"));
    const shown = await screen.findByRole("alert");
    expect(shown.textContent).toContain("Half");
    expect(["pending", "queued"]).toContain((await api.get_post({ id: draft.id })).row.status);
    await user.click(screen.getByRole("button", { name: "Take theirs" }));
    await until(() => expect(composer.editing?.row.id).toBe(draft.id));
  });
});
