import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import PostList from "../src/components/PostList.svelte";
import BulkDialog from "../src/components/bulk/BulkDialog.svelte";
import { api } from "../src/lib/ipc";
import type { PostRow } from "../src/lib/ipc";
import type { BulkKind } from "../src/lib/bulk/kinds";
import { onKey } from "../src/lib/keys";
import { app } from "../src/lib/state/app.svelte";
import { bulk } from "../src/lib/state/bulk.svelte";
import { history } from "../src/lib/state/history.svelte";
import { posts } from "../src/lib/state/posts.svelte";
import { selection } from "../src/lib/state/selection.svelte";
import { toast } from "../src/lib/state/toast.svelte";
import { violations } from "./axe";
import { beside } from "./host";
import { end, scheduled, start, until } from "./world";

beforeAll(() => start());
afterAll(end);

let made: PostRow[] = [];

beforeEach(async () => {
  // jsdom lays nothing out, and a list without height draws little.
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(900);
  toast.dismiss();
  await app.go("upcoming");
  made = [];
  for (const [index, text] of ["one", "two", "three", "four", "five"].entries())
    made.push(await scheduled(text, { wall_time: `2031-03-0${String(index + 3)} 09:00` }));
  await until(() => expect(posts.rows).toHaveLength(5));
});
afterEach(async () => {
  bulk.close();
  selection.clear();
  cleanup();
  const { posts: left } = await api.list_posts({ view: "all" });
  await api.delete_posts({ posts: left.map(({ id }) => ({ id })) });
  await until(() => expect(posts.rows).toEqual([]));
});

const chosen = () => selection.rows.map(({ text }) => text);
const row = (text: string) => {
  const id = posts.rows.find((each) => each.text === text)?.id ?? "";
  const found = document.getElementById(`post-${id}`);
  if (!found) throw new Error(`no row ${text}`);
  return found;
};
const wallOf = async (text: string) =>
  (await api.list_posts({ view: "all" })).posts.find((each) => each.text === text)?.wall_time;

function press(key: string, options: KeyboardEventInit = {}) {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...options });
  Object.defineProperty(event, "target", { value: document.body });
  onKey(event);
  return event;
}

/** Opens the dialog of an action, and waits until it shows what would become of the posts. */
async function opened(kind: BulkKind) {
  bulk.open(kind);
  render(BulkDialog, { kind });
  await until(() => expect(bulk.isCurrent).toBe(true));
}

it("a click chooses one, with Ctrl more, with Shift a range, and beside the rows none", async () => {
  render(PostList);
  const user = userEvent.setup();
  await user.click(row("two"));
  expect(selection.any).toBe(false);
  await user.keyboard("{Control>}");
  await user.click(row("four"));
  await user.keyboard("{/Control}");
  expect(chosen()).toEqual(["two", "four"]);
  expect(row("four").getAttribute("aria-selected")).toBe("true");
  expect(row("three").getAttribute("aria-selected")).toBe("false");
  await user.keyboard("{Shift>}");
  await user.click(row("one"));
  await user.keyboard("{/Shift}");
  expect(chosen()).toEqual(["one", "two", "three", "four"]);
  expect(await screen.findByText("4 selected", { selector: ".count" })).toBeTruthy();
  expect(await violations()).toEqual([]);
  await user.click(screen.getByRole("listbox"));
  expect(selection.any).toBe(false);
  expect(posts.currentId).toBeNull();
});

it("the mark of a day chooses its posts, with Shift those of the days between, and takes them back", async () => {
  render(PostList);
  const user = userEvent.setup();
  const mark = (day: string) => {
    const found = document.querySelector(`.canvas [data-day-mark="${day}"]`);
    if (!found) throw new Error(`no day ${day}`);
    return found;
  };
  await user.click(mark("2031-03-04"));
  expect(chosen()).toEqual(["two"]);
  await user.keyboard("{Shift>}");
  await user.click(mark("2031-03-06"));
  await user.keyboard("{/Shift}");
  expect(chosen()).toEqual(["two", "three", "four"]);
  await user.click(mark("2031-03-05"));
  expect(chosen()).toEqual(["two", "four"]);
});

it("keys choose too: X, Shift with the arrows, Ctrl A; Escape and another list choose nothing", async () => {
  press("j");
  press("ArrowDown", { shiftKey: true });
  press("ArrowDown", { shiftKey: true });
  expect(chosen()).toEqual(["one", "two", "three"]);
  press("ArrowUp", { shiftKey: true });
  expect(chosen()).toEqual(["one", "two"]);
  press("j");
  press("j");
  press("x");
  expect(chosen()).toEqual(["one", "two", "four"]);
  press("Escape");
  expect(chosen()).toEqual([]);
  expect(press("a", { ctrlKey: true }).defaultPrevented).toBe(true);
  expect(chosen()).toHaveLength(5);
  posts.search = "one";
  expect(selection.any).toBe(false);
  posts.search = "";
  selection.clear();
  press("a", { ctrlKey: true });
  await app.go("today");
  expect(selection.any).toBe(false);
  await app.go("upcoming");
});

it("a post that leaves the list is no longer chosen", async () => {
  selection.all();
  await api.cancel_posts({ posts: [{ id: made[1]?.id ?? "" }] });
  await until(() => expect(chosen()).toEqual(["one", "three", "four", "five"]));
});

it("a shift is shown before and after, applied as shown, and one key takes it back", async () => {
  selection.toggle(made[0]?.id ?? "");
  selection.toggle(made[1]?.id ?? "");
  press("s");
  expect(bulk.kind).toBe("shift");
  render(BulkDialog, { kind: "shift" });
  await until(() => expect(bulk.isCurrent).toBe(true));
  expect(document.body.textContent).toContain("Mon 3 Mar 2031, 09:00");
  expect(document.body.textContent).toContain("Mon 3 Mar 2031, 10:00");
  expect(await violations()).toEqual([]);
  const user = userEvent.setup();
  const field = screen.getByLabelText("By");
  await user.clear(field);
  await user.type(field, "3");
  expect(bulk.possible).toBe(false);
  await until(() => expect(bulk.possible).toBe(true));
  await user.click(screen.getByRole("button", { name: /Move 2 posts/ }));
  await until(() => expect(toast.current?.text).toBe("Moved 2 posts: 3 h later."));
  expect(bulk.kind).toBeNull();
  expect(toast.current?.action?.label).toBe("Undo");
  expect(await wallOf("one")).toBe("2031-03-03 12:00");
  expect(await wallOf("three")).toBe("2031-03-05 09:00");
  press("z", { ctrlKey: true });
  await until(async () => expect(await wallOf("one")).toBe("2031-03-03 09:00"));
});

it("what can't be changed is named with its reason and left out", async () => {
  selection.all();
  await opened("move");
  bulk.form.target = "first";
  bulk.form.date = "2020-01-01";
  await until(() => expect(bulk.isCurrent && bulk.preview?.refused).toBeTruthy());
  expect(bulk.preview?.past).toBe(5);
  await until(() =>
    expect(document.querySelectorAll('[data-bulk-trouble="time_in_past"]')).toHaveLength(5),
  );
  expect(bulk.possible).toBe(false);
  expect(await wallOf("one")).toBe("2031-03-03 09:00");
});

it("the first post goes where the typed words say, and words that are no time ask for nothing", async () => {
  selection.all();
  bulk.open("move");
  render(BulkDialog, { kind: "move" });
  const field = await screen.findByLabelText("When");
  await fireEvent.input(field, { target: { value: "no such time" } });
  await until(() => expect(bulk.when.problem).not.toBeNull());
  expect(bulk.possible).toBe(false);
  await fireEvent.input(field, { target: { value: "10 mar 2031 8:30" } });
  await until(() => expect(bulk.possible).toBe(true));
  expect(await violations()).toEqual([]);
  await bulk.apply();
  await until(async () => expect(await wallOf("one")).toBe("2031-03-10 08:30"));
  expect(await wallOf("two")).toBe("2031-03-11 08:30");
});

it("a change that came out otherwise meanwhile is not made, and shown anew", async () => {
  selection.all();
  await opened("shift");
  await beside("edit_post", {
    id: made[0]?.id,
    change: { text: "changed elsewhere" },
  });
  await bulk.apply();
  expect(bulk.problem).toContain("changed meanwhile");
  expect(await wallOf("two")).toBe("2031-03-04 09:00");
  await until(() => expect(bulk.possible).toBe(true));
});

it("words are replaced match by match", async () => {
  await scheduled("cat and cat", { wall_time: "2031-03-09 09:00" });
  await until(() => expect(posts.rows).toHaveLength(6));
  selection.all();
  bulk.open("replace");
  render(BulkDialog, { kind: "replace" });
  const user = userEvent.setup();
  await user.type(screen.getByLabelText("Find"), "cat");
  await user.type(screen.getByLabelText("Replace with"), "dog");
  const matches = await until(() => {
    const found = document.querySelectorAll<HTMLInputElement>("[data-bulk-match] input");
    expect(found).toHaveLength(2);
    return found;
  });
  const second = matches[1];
  if (second) await user.click(second);
  await until(() => expect(bulk.possible && bulk.form.skip.length).toBe(1));
  expect(await violations()).toEqual([]);
  await bulk.apply();
  await until(() => expect(posts.rows.map(({ text }) => text)).toContain("dog and cat"));
});

it("tags, account and drafts are changed together, and drafts scheduled again", async () => {
  selection.all();
  bulk.open("tags");
  render(BulkDialog, { kind: "tags" });
  bulk.form.addTags = "launch, #spring";
  await until(() => expect(bulk.possible).toBe(true));
  await bulk.apply();
  await until(() => expect(posts.rows[4]?.tags).toEqual(["launch", "spring"]));
  cleanup();
  await opened("to_draft");
  await bulk.apply();
  await until(() => expect(posts.rows).toEqual([]));
  expect(selection.any).toBe(false);
  cleanup();
  await app.go("drafts");
  selection.all();
  await opened("schedule");
  await bulk.apply();
  await app.go("upcoming");
  await until(() => expect(posts.rows).toHaveLength(5));
});

it("cancelling asks with the posts, and its toast brings them back", async () => {
  selection.toggle(made[2]?.id ?? "");
  selection.toggle(made[3]?.id ?? "");
  press("Backspace");
  expect(bulk.kind).toBe("cancel");
  render(BulkDialog, { kind: "cancel" });
  await until(() => expect(bulk.possible).toBe(true));
  press("Backspace");
  expect(posts.rows).toHaveLength(5);
  await bulk.apply();
  await until(() => expect(posts.rows.map(({ text }) => text)).toEqual(["one", "two", "five"]));
  expect(toast.current?.text).toMatch(/^Cancelled 2 posts\./);
  toast.current?.action?.run();
  await until(() => expect(posts.rows).toHaveLength(5));
});

it("a list that is not loaded whole is changed by its query", async () => {
  vi.spyOn(posts, "complete", "get").mockReturnValue(false);
  selection.all();
  expect(selection.isWhole).toBe(true);
  expect(selection.count).toBe(posts.total);
  const preview = vi.spyOn(api, "preview_rewrite");
  await opened("cancel");
  expect(preview.mock.calls[0]?.[0].selection).toEqual({ query: posts.query });
  expect(bulk.preview?.changed).toBe(5);
  expect(history.open).toBe(false);
});

it("a reorder is shuffled anew on request, and two posts are swapped", async () => {
  selection.toggle(made[0]?.id ?? "");
  selection.toggle(made[4]?.id ?? "");
  await opened("reorder");
  const seed = bulk.form.seed;
  const user = userEvent.setup();
  await user.click(screen.getByRole("button", { name: "Shuffle again" }));
  expect(bulk.form.seed).not.toBe(seed);
  bulk.form.order = "swap";
  await until(() => expect(bulk.possible).toBe(true));
  await bulk.apply();
  await until(async () => expect(await wallOf("one")).toBe("2031-03-07 09:00"));
  expect(await wallOf("five")).toBe("2031-03-03 09:00");
});
