import { cleanup, render } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import ImportView from "../src/components/import/ImportView.svelte";
import { api } from "../src/lib/ipc";
import { importGrid } from "../src/lib/state/import-grid.svelte";
import { importRows } from "../src/lib/state/import-rows.svelte";
import { importing } from "../src/lib/state/importing.svelte";
import { csv, file, found, listed, open, outcomes, removeFiles, week } from "./import-files";
import { layOut } from "./layout";
import { end, start, until } from "./world";

beforeAll(() => start(["ada"]));
afterAll(async () => {
  await end();
  removeFiles();
});
beforeEach(() => layOut());
afterEach(async () => {
  cleanup();
  if (importing.session) await importing.discard(importing.session.id);
  await importing.close();
});

const grid = () => found("[data-import-grid]");
const cell = (row: number, column: string) =>
  found(`[data-import-row="${row}"] [data-cell="${column}"]`);
const editor = () => document.querySelector<HTMLTextAreaElement>("[data-cell-editor]");

async function show(...texts: string[]) {
  await open(file("grid.json", week(texts)));
  render(ImportView);
  await importRows.show({ kind: "pill", pill: "all" });
  await until(() => expect(outcomes()).toHaveLength(texts.length));
  grid().focus();
}

describe("a cell", () => {
  it("that is mended makes its row ready while one types", async () => {
    await show("A good sparrow", "s".repeat(300));
    expect(outcomes()).toEqual(["ready", "refused"]);
    await userEvent.dblClick(cell(2, "text"));
    await until(() => expect(document.activeElement).toBe(editor()));
    await userEvent.clear(found("[data-cell-editor]"));
    await userEvent.type(found("[data-cell-editor]"), "A better sparrow");
    // Not left yet, and judged.
    await until(() => expect(outcomes()).toEqual(["ready", "ready"]));
    expect(editor()).not.toBeNull();
    await userEvent.keyboard("{Enter}");
    expect(editor()).toBeNull();
    await until(() => expect(document.activeElement).toBe(grid()));
    await importing.commit();
    expect((await listed("sparrow")).map(([text]) => text)).toEqual([
      "A good sparrow",
      "A better sparrow",
    ]);
  });

  it("is as it was after Escape, and after Ctrl+Z", async () => {
    await show("Unchanged rook");
    importGrid.goTo(0, 1);
    await userEvent.keyboard("{Enter}");
    await userEvent.type(found("[data-cell-editor]"), " and more");
    await until(() => expect(importRows.at(0)?.cells.content).toBe("Unchanged rook and more"));
    await userEvent.keyboard("{Escape}");
    await until(() => expect(importRows.at(0)?.cells.content).toBe("Unchanged rook"));

    await userEvent.keyboard("{Enter}!{Enter}");
    await until(() => expect(importRows.at(0)?.cells.content).toBe("Unchanged rook!"));
    await userEvent.keyboard("{Control>}z{/Control}");
    await until(() => expect(importRows.at(0)?.cells.content).toBe("Unchanged rook"));
  });

  it("is replaced by typing, and emptied by Delete", async () => {
    await show("Replaced crow");
    importGrid.goTo(0, 1);
    await userEvent.keyboard("New{Enter}");
    await until(() => expect(importRows.at(0)?.cells.content).toBe("New"));
    importGrid.goTo(0, 1);
    await userEvent.keyboard("{Delete}");
    await until(() => expect(outcomes()).toEqual(["refused"]));
  });

  it("of a time reads words as the composer does, and keeps the moment that they meant", async () => {
    await show("Timed heron");
    importGrid.goTo(0, 0);
    await userEvent.keyboard("31 dec 18:45{Enter}");
    const meant = await api.read_time({ text: "31 dec 18:45", zone: importRows.at(0)?.zone ?? "" });
    expect(meant.wall_time).toContain("18:45");
    await until(() => expect(importRows.at(0)?.when_wall).toBe(meant.wall_time));
    expect(importRows.at(0)?.cells.scheduled_at).toBe(meant.wall_time);
    expect(outcomes()).toEqual(["ready"]);
  });

  it("tells the length as X counts it while it is typed", async () => {
    await show("Counted");
    importGrid.goTo(0, 1);
    await userEvent.keyboard("{F2} 🦉");
    await until(() => expect(grid().textContent).toContain("10/280"));
  });
});

describe("the keys", () => {
  it("move as in a spreadsheet", async () => {
    await show("One", "Two", "Three");
    const at = () => [importGrid.index, importGrid.column];
    await userEvent.keyboard("{ArrowDown}{ArrowRight}");
    expect(at()).toEqual([1, 1]);
    expect(grid().getAttribute("aria-activedescendant")).toBe("cell-1-1");
    await userEvent.keyboard("{Control>}{End}{/Control}");
    expect(at()).toEqual([2, importGrid.columns.length]);
    await userEvent.keyboard("{Home}{PageUp}");
    expect(at()).toEqual([0, 0]);
    // Tab goes on to the next cell and changes it; it leaves the grid when nothing is changed.
    await userEvent.keyboard("{Enter}{Tab}");
    expect(at()).toEqual([0, 1]);
    expect(importGrid.editing?.field).toBe("content");
    await userEvent.keyboard("{Escape}{Tab}");
    await until(() => expect(document.activeElement).not.toBe(grid()));
  });

  it("paste a block of a spreadsheet", async () => {
    await show("Old one", "Old two");
    importGrid.goTo(0, 0);
    const block = "2031-10-01 08:00\tPasted one\n2031-10-02 08:00\tPasted two";
    await userEvent.paste(block);
    await until(() => expect(importRows.at(1)?.cells.content).toBe("Pasted two"));
    expect(importRows.at(1)?.when_wall).toContain("2031-10-02 08:00");
    await userEvent.keyboard("{Control>}z{/Control}");
    await until(() => expect(importRows.at(0)?.cells.content).toBe("Old one"));
  });

  it("open the findings of a row, and Escape gives the grid back", async () => {
    await show("f".repeat(300));
    importGrid.goTo(0, importGrid.columns.length);
    await userEvent.keyboard("{Enter}");
    await until(() => found("[data-findings]"));
    await userEvent.keyboard("{Escape}");
    await until(() => expect(document.querySelector("[data-findings]")).toBeNull());
    expect(importing.open).toBe(true);
  });
});

it("a row that was mended stays where it is until the filter is chosen again", async () => {
  await open(file("stays.json", week(["Fine", "t".repeat(300), "u".repeat(300)])));
  render(ImportView);
  await until(() => expect(outcomes()).toEqual(["refused", "refused"]));
  importGrid.goTo(0, 1);
  grid().focus();
  await userEvent.keyboard("Short now{Enter}");
  await until(() => expect(outcomes()).toEqual(["ready", "refused"]));
  await userEvent.click(found('[data-pill="errors"]'));
  await until(() => expect(outcomes()).toEqual(["refused"]));
});

it("ten thousand rows are drawn as they come into view", async () => {
  const lines = Array.from({ length: 10_000 }, (_, index) => {
    const day = String((index % 28) + 1).padStart(2, "0");
    const month = String((Math.floor(index / 28) % 12) + 1).padStart(2, "0");
    return `Row number ${index + 1} of many,${2031 + Math.floor(index / 336)}-${month}-${day} 09:00`;
  });
  await open(file("many.csv", csv("text,date", ...lines)));
  render(ImportView);
  await importRows.show({ kind: "pill", pill: "all" });
  await until(() => expect(importRows.total).toBe(10_000));
  for (const index of [0, 5_000, 9_999]) {
    grid().scrollTop = index * 44;
    grid().dispatchEvent(new Event("scroll"));
    await until(() => expect(importRows.at(index)?.row).toBe(index + 1));
    await until(() => found(`[data-import-row="${index + 1}"]`));
    expect(outcomes().length).toBeLessThan(40);
  }
});
