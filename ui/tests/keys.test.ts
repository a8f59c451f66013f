import { beforeEach, describe, expect, it, vi } from "vitest";
import { onKey } from "../src/lib/keys";
import { app } from "../src/lib/state/app.svelte";
import { composer } from "../src/lib/state/composer.svelte";
import { importing } from "../src/lib/state/importing.svelte";
import { posts } from "../src/lib/state/posts.svelte";
import { detail, report, row } from "./fixtures";

const { shell } = await vi.hoisted(async () => {
  const { spiedShell } = await import("./ipc");
  return { shell: spiedShell() };
});
vi.mock("../src/lib/ipc", async () => (await import("./ipc")).ipcWith(shell));

function press(key: string, options: KeyboardEventInit = {}, target: EventTarget = document.body) {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...options });
  Object.defineProperty(event, "target", { value: target });
  onKey(event);
  return event;
}

describe("the keys", () => {
  beforeEach(async () => {
    vi.clearAllMocks();
    importing.close();
    app.shortcutsOpen = false;
    app.quitWarning = null;
    app.place = "today";
    composer.discard();
    await composer.close();
    posts.rows = [row({ id: "a" }), row({ id: "b" })];
    posts.currentId = null;
    app.detail = null;
  });

  it("N writes, and Escape leaves", async () => {
    press("n");
    expect(composer.open).toBe(true);
    press("Escape");
    await vi.waitFor(() => expect(composer.open).toBe(false));
  });

  it("letters typed into a field are letters", () => {
    press("n", {}, document.createElement("textarea"));
    expect(composer.open).toBe(false);
  });

  it("Escape in the search clears it, and leaves an empty one", () => {
    const field = document.createElement("input");
    field.dataset.search = "";
    document.body.append(field);
    field.focus();
    posts.search = "lost";
    press("Escape", {}, field);
    expect(posts.search).toBe("");
    expect(shell.posts).toHaveBeenLastCalledWith(expect.objectContaining({ search: null }));
    expect(document.activeElement).toBe(field);
    press("Escape", {}, field);
    expect(document.activeElement).not.toBe(field);
    field.remove();
  });

  it("J and K walk the list and stay inside", () => {
    press("j");
    expect(posts.currentId).toBe("a");
    press("j");
    press("j");
    expect(posts.currentId).toBe("b");
    press("k");
    press("k");
    expect(posts.currentId).toBe("a");
  });

  it("G and a letter go to a place", async () => {
    press("g");
    press("d");
    await vi.waitFor(() => expect(app.place).toBe("drafts"));
  });

  it("Ctrl+I imports, even out of a field", async () => {
    press("i", { ctrlKey: true }, document.createElement("input"));
    await vi.waitFor(() => expect(importing.open).toBe(true));
  });

  it.each([
    ["Ctrl+Enter, out of a field too", { ctrlKey: true }, "select"],
    ["Enter alone", {}, "div"],
  ])("%s confirms an import without errors", async (_, options, target) => {
    await importing.openFile("/home/me/week.json");
    press("Enter", options, document.createElement(target));
    await vi.waitFor(() => expect(importing.open).toBe(false));
    expect(shell.importFile).toHaveBeenCalledTimes(1);
  });

  it("Enter confirms no import from a field or a button, held down, or with errors", async () => {
    await importing.openFile("/home/me/week.json");
    press("Enter", {}, document.createElement("select"));
    press("Enter", {}, document.createElement("button"));
    press("Enter", { repeat: true });
    app.quitWarning = "1 post will not go out.";
    press("Enter", { ctrlKey: true });
    app.quitWarning = null;
    const error = { row: 2, field: null, code: "text_missing", message: "", remedy: "" };
    shell.rehearseImport.mockResolvedValueOnce(report({ errors: [error], errorCount: 1 }));
    await importing.preview();
    press("Enter", { ctrlKey: true });
    expect(shell.importFile).not.toHaveBeenCalled();
  });

  it("Backspace cancels only what may be cancelled", async () => {
    app.detail = detail({ actions: ["open_on_x"] });
    press("Backspace");
    expect(shell.cancel).not.toHaveBeenCalled();
    app.detail = detail({ actions: ["edit", "cancel"] });
    press("Backspace");
    await vi.waitFor(() => expect(shell.cancel).toHaveBeenCalledTimes(1));
  });

  it("act on nothing behind the question whether to quit", () => {
    app.detail = detail({ actions: ["edit", "cancel"] });
    posts.currentId = "a";
    app.quitWarning = "1 post will not go out.";
    for (const key of ["Backspace", "Delete", "Enter", "r", "j", "n", "?", "g", "d"]) press(key);
    press("i", { ctrlKey: true });
    expect(shell.cancel).not.toHaveBeenCalled();
    expect(shell.retry).not.toHaveBeenCalled();
    expect([composer.open, importing.open, app.shortcutsOpen]).toEqual([false, false, false]);
    expect([app.place, posts.currentId]).toEqual(["today", "a"]);
    expect(app.quitWarning).not.toBeNull();
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
});
