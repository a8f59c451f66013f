import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cleanup, render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import ExportDialog from "../src/components/ExportDialog.svelte";
import { api } from "../src/lib/ipc";
import { onKey } from "../src/lib/keys";
import { commandsFor } from "../src/lib/palette";
import { app } from "../src/lib/state/app.svelte";
import { exporting } from "../src/lib/state/exporting.svelte";
import { posts } from "../src/lib/state/posts.svelte";
import { selection } from "../src/lib/state/selection.svelte";
import { toast } from "../src/lib/state/toast.svelte";
import { violations } from "./axe";
import { pickPlace } from "./host";
import { end, scheduled, start, until } from "./world";

const folder = mkdtempSync(join(tmpdir(), "roost-export-"));

beforeAll(async () => {
  await start(["ada"]);
  await scheduled("first heron", { wall_time: "2031-03-01 09:00" });
  await scheduled("second heron", { wall_time: "2031-03-02 09:00" });
  await scheduled("an owl", { wall_time: "2031-03-03 09:00" });
  await api.create_post({ text: "a drafted heron", draft: true, account: "ada" });
});
afterAll(async () => {
  await end();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  await app.refresh();
  await app.go("upcoming");
  await until(() => expect(posts.rows).toHaveLength(3));
});
afterEach(() => {
  cleanup();
  selection.clear();
  toast.dismiss();
  exporting.open = false;
});

/** Exports what is asked for and returns which of the posts the file holds. */
async function exported(name: string): Promise<string[]> {
  const path = join(folder, name);
  pickPlace.mockResolvedValueOnce(path);
  render(ExportDialog);
  await userEvent.click(screen.getByRole("button", { name: "Choose where…" }));
  await until(() => expect(toast.current?.text).toContain(path));
  expect(exporting.open).toBe(false);
  cleanup();
  const text = readFileSync(path, "utf8");
  const all = ["first heron", "second heron", "an owl", "a drafted heron"];
  return all.filter((words) => text.includes(words));
}

it("everything, what a list shows, and what is selected in it become files", async () => {
  expect(commandsFor("export").map(({ id }) => id)).toContain("export");
  exporting.show();
  expect(exporting.scope).toBe("everything");
  const all = ["first heron", "second heron", "an owl", "a drafted heron"];
  expect(await exported("all.csv")).toEqual(all);
  expect(toast.current?.text).toMatch(/^4 posts written to /);

  posts.search = "heron";
  await posts.reload(true);
  exporting.show();
  expect(exporting.scope).toBe("shown");
  expect(await exported("shown.csv")).toEqual(["first heron", "second heron"]);

  selection.toggle(posts.rows[1]?.id ?? "");
  exporting.show();
  expect(exporting.scope).toBe("selected");
  exporting.format = "json";
  expect(await exported("selected.json")).toEqual(["second heron"]);
});

it("a calendar says which posts it has no place for", async () => {
  exporting.show("everything");
  exporting.format = "ics";
  expect(await exported("all.ics")).toEqual(["first heron", "second heron", "an owl"]);
  expect(toast.current?.text).toContain("1 post without a time left out.");
});

it("a file that can't be written is told where it is asked for, and choosing no place does nothing", async () => {
  exporting.show();
  exporting.format = "csv";
  render(ExportDialog);
  expect(await violations()).toEqual([]);
  pickPlace.mockResolvedValueOnce(null);
  await userEvent.click(screen.getByRole("button", { name: "Choose where…" }));
  await until(() => expect(exporting.busy).toBe(false));
  expect([exporting.open, toast.current]).toEqual([true, null]);
  pickPlace.mockResolvedValueOnce(join(folder, "nowhere", "posts.csv"));
  await userEvent.click(screen.getByRole("button", { name: "Choose where…" }));
  expect((await screen.findByRole("alert")).textContent).toContain("can't be written");
});

it("the keys of the list change nothing behind the question", () => {
  exporting.show();
  posts.currentId = posts.rows[0]?.id ?? null;
  const event = new KeyboardEvent("keydown", { key: "j", bubbles: true, cancelable: true });
  onKey(event);
  expect([event.defaultPrevented, posts.currentId]).toEqual([false, posts.rows[0]?.id]);
});
