import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { api } from "../src/lib/ipc";
import { onKey } from "../src/lib/keys";
import { accounts } from "../src/lib/state/accounts.svelte";
import { app } from "../src/lib/state/app.svelte";
import { composer } from "../src/lib/state/composer.svelte";
import { importing } from "../src/lib/state/importing.svelte";
import { posts } from "../src/lib/state/posts.svelte";
import { toast } from "../src/lib/state/toast.svelte";
import { account, end, scheduled, start, until, untilStatus } from "./world";

const folder = mkdtempSync(join(tmpdir(), "roost-keys-"));
let first = "";
let second = "";

beforeAll(async () => {
  await start();
  first = (await scheduled("first", { wall_time: "2031-03-01 09:00" })).id;
  second = (await scheduled("second", { wall_time: "2031-03-02 09:00" })).id;
});
afterAll(async () => {
  await end();
  rmSync(folder, { recursive: true });
});

let files = 0;
/** Writes a file with one post that was never imported before. */
function file(text: string): string {
  files += 1;
  const path = join(folder, `${files}.json`);
  const post = { content: text, scheduledAt: "2031-04-01 09:00" };
  writeFileSync(path, JSON.stringify({ timezone: "Etc/UTC", posts: [post] }));
  return path;
}

function press(key: string, options: KeyboardEventInit = {}, target: EventTarget = document.body) {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...options });
  Object.defineProperty(event, "target", { value: target });
  onKey(event);
  return event;
}

const found = async (search: string) => (await api.list_posts({ view: "all", search })).total;

describe("the keys", () => {
  beforeEach(async () => {
    await importing.close();
    app.shortcutsOpen = false;
    app.settingsOpen = false;
    app.quitWarning = null;
    composer.discard();
    await composer.close();
    toast.dismiss();
    accounts.used(account("ada").x_user_id);
    await app.go("upcoming");
    await until(() => expect(posts.rows.map(({ id }) => id).slice(0, 2)).toEqual([first, second]));
  });

  it("N writes, and Escape leaves", async () => {
    press("n");
    await until(() => expect(composer.open).toBe(true));
    press("Escape");
    await until(() => expect(composer.open).toBe(false));
  });

  it("letters typed into a field are letters", () => {
    press("n", {}, document.createElement("textarea"));
    expect(composer.open).toBe(false);
  });

  it("Escape in the search clears it, and leaves an empty one", async () => {
    const field = document.createElement("input");
    field.dataset.search = "";
    document.body.append(field);
    field.focus();
    posts.search = "nothing has these words";
    await posts.reload(true);
    expect(posts.rows).toEqual([]);
    press("Escape", {}, field);
    expect(posts.search).toBe("");
    await until(() => expect(posts.rows).toHaveLength(2));
    expect(document.activeElement).toBe(field);
    press("Escape", {}, field);
    expect(document.activeElement).not.toBe(field);
    field.remove();
  });

  it("J and K walk the list and stay inside", () => {
    press("j");
    expect(posts.currentId).toBe(first);
    press("j");
    press("j");
    expect(posts.currentId).toBe(second);
    press("k");
    press("k");
    expect(posts.currentId).toBe(first);
  });

  it("Home and End go to the first and the last post, and Space hides and shows the current one", async () => {
    press("End");
    await until(() => expect(posts.currentId).toBe(posts.rows.at(-1)?.id));
    await until(() => expect(app.detail?.row.id).toBe(posts.currentId));
    press("Home");
    await until(() => expect(app.detail?.row.id).toBe(first));
    press(" ");
    expect([app.detail, posts.currentId]).toEqual([null, first]);
    press(" ");
    await until(() => expect(app.detail?.row.id).toBe(first));
    // A button that has the focus is pressed instead.
    expect(press(" ", {}, document.createElement("button")).defaultPrevented).toBe(false);
  });

  it("[ and ] move by a quarter of an hour, say by how much, and are taken back", async () => {
    const wall = async () => (await api.get_post({ id: first })).row.wall_time;
    posts.currentId = first;
    press("]");
    await until(() => expect(toast.current?.text).toBe("Moved 1 post: 15 min later."));
    expect(await wall()).toBe("2031-03-01 09:15");
    await until(() => expect(posts.rows[0]?.wall_time).toBe("2031-03-01 09:15"));
    press("[");
    await until(() => expect(toast.current?.text).toBe("Moved 1 post: 15 min earlier."));
    expect(await wall()).toBe("2031-03-01 09:00");
    toast.current?.action?.run();
    await until(async () => expect(await wall()).toBe("2031-03-01 09:15"));
    press("[");
    await until(async () => expect(await wall()).toBe("2031-03-01 09:00"));
    await until(() => expect(posts.rows[0]?.wall_time).toBe("2031-03-01 09:00"));
  });

  it("D writes a copy of the current post", async () => {
    posts.currentId = second;
    press("d");
    await until(() => expect(composer.open).toBe(true));
    expect([composer.editing, composer.parts[0]?.text]).toEqual([null, "second"]);
  });

  it("G and a letter go to a place", async () => {
    press("g");
    press("d");
    await until(() => expect(app.place).toBe("drafts"));
  });

  it("Enter edits the current post", async () => {
    press("j");
    await until(() => expect(app.detail?.row.id).toBe(first));
    press("Enter");
    await until(() => expect(composer.editing?.row.id).toBe(first));
  });

  it("Ctrl+I goes where imports begin, even out of a field, and leaves an open one", async () => {
    press("i", { ctrlKey: true }, document.createElement("input"));
    await until(() => expect(app.place).toBe("imports"));
    await importing.openFiles([file("opened")]);
    await app.go("upcoming");
    press("i", { ctrlKey: true });
    expect(importing.open).toBe(true);
    await until(() => expect(app.place).toBe("imports"));
  });

  it("of a list change nothing while no list is shown", async () => {
    press("j");
    await until(() => expect(app.detail?.row.id).toBe(first));
    await app.go("imports");
    for (const key of ["j", "Backspace", "Delete"]) press(key);
    expect(app.detail).toBeNull();
    expect((await api.get_post({ id: first })).row.status).not.toBe("cancelled");
  });

  it("Ctrl+Enter confirms an import without errors, out of a field too", async () => {
    await importing.openFiles([file("sparrow")]);
    press("Enter", { ctrlKey: true }, document.createElement("textarea"));
    await until(() => expect(importing.done).not.toBeNull());
    expect(await found("sparrow")).toBe(1);
    const { posts: imported } = await api.list_posts({ view: "all", search: "sparrow" });
    await api.delete_posts({ posts: imported.map(({ id }) => ({ id })) });
  });

  it("Enter confirms no import alone, which changes a cell, held down, or with errors", async () => {
    await importing.openFiles([file("nightjar")]);
    press("Enter");
    press("Enter", {}, document.createElement("button"));
    press("Enter", { ctrlKey: true, repeat: true });
    app.quitWarning = "1 post will not go out.";
    press("Enter", { ctrlKey: true });
    app.quitWarning = null;
    await importing.openFiles([file("x".repeat(300))]);
    press("Enter", { ctrlKey: true });
    await importing.decideOnAnother("replace");
    press("Enter", { ctrlKey: true });
    expect(importing.open).toBe(true);
    expect(await found("nightjar")).toBe(0);
  });

  it("act on nothing behind the question whether to quit", async () => {
    press("j");
    await until(() => expect(app.detail?.row.id).toBe(first));
    app.quitWarning = "1 post will not go out.";
    for (const key of ["Backspace", "Delete", "Enter", "r", "j", "n", "?", "g", "d"]) press(key);
    press("i", { ctrlKey: true });
    expect([composer.open, importing.open, app.shortcutsOpen]).toEqual([false, false, false]);
    expect([app.place, posts.currentId]).toEqual(["upcoming", first]);
    expect(app.quitWarning).not.toBeNull();
    const { row } = await api.get_post({ id: first });
    expect(row.status).not.toBe("cancelled");
  });

  it("Escape answers the question whether to quit with Stay, and closes nothing else", () => {
    press("?");
    app.quitWarning = "1 post will not go out.";
    expect(press("Escape").defaultPrevented).toBe(true);
    expect(app.quitWarning).toBeNull();
    expect(app.shortcutsOpen).toBe(true);
  });

  it("? shows the sheet, and hides it", () => {
    press("?");
    expect(app.shortcutsOpen).toBe(true);
    press("?");
    expect(app.shortcutsOpen).toBe(false);
  });

  it("Backspace cancels, and Undo schedules again", async () => {
    press("j");
    await until(() => expect(app.detail?.actions).toContain("cancel"));
    press("Backspace");
    await untilStatus(first, "cancelled");
    await until(() => expect(toast.current?.action?.label).toBe("Undo"));
    toast.current?.action?.run();
    await until(async () => {
      const { row } = await api.get_post({ id: first });
      expect(["pending", "queued"]).toContain(row.status);
    });
  });
});
