import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cleanup, render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import ImportView from "../src/components/ImportView.svelte";
import Toast from "../src/components/Toast.svelte";
import { api } from "../src/lib/ipc";
import { accounts } from "../src/lib/state/accounts.svelte";
import { importing } from "../src/lib/state/importing.svelte";
import { toast } from "../src/lib/state/toast.svelte";
import { account, end, start, until } from "./world";

const folder = mkdtempSync(join(tmpdir(), "roost-import-"));

beforeAll(() => start());
afterAll(async () => {
  await end();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  // jsdom lays nothing out, and a grid without height draws little.
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(600);
  accounts.used(account("ada").x_user_id);
});
afterEach(() => {
  cleanup();
  importing.close();
  toast.dismiss();
});

/** Writes a file and returns its path. */
function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

function week(texts: string[], more: Record<string, unknown> = {}) {
  const posts = texts.map((content, index) => ({
    content,
    scheduledAt: `2031-03-0${index + 1} 09:00`,
    ...more,
  }));
  return { timezone: "Asia/Kolkata", posts };
}

const listed = async (search: string) =>
  (await api.list_posts({ view: "all", search })).posts.map(({ text, username }) => [
    text,
    username,
  ]);

describe("an import", () => {
  it("tells cost, number and days before it does anything", async () => {
    const texts = ["Owls, one", "Owls, two", "Owls https://example.com"];
    await importing.openFile(file("week.json", week(texts)));
    render(ImportView);
    expect(screen.getByText("$0.23")).toBeTruthy();
    expect(screen.getByText("Sat 1 Mar 2031 – Mon 3 Mar 2031")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Import 3 posts" })).toBeTruthy();
    expect(await listed("owls")).toEqual([]);
  });

  it("with an error shows the row, the field and the remedy, and can't be committed", async () => {
    const posts = week(["good", "x".repeat(300)]);
    await importing.openFile(file("long.json", posts));
    const { container } = render(ImportView);
    const name = "Fix 1 error to import";
    expect(screen.getByRole<HTMLButtonElement>("button", { name }).disabled).toBe(true);
    expect(importing.pill).toBe("errors");
    const row = container.querySelector('[data-row-error="2"]')?.textContent ?? "";
    expect(row.replace(/\s+/g, " ").trim()).toMatch(/^content .+\. .+\.$/);
    await importing.commit();
    expect(await listed("good")).toEqual([]);
  });

  it("of a broken file says what is wrong and what to do, and never that it has no errors", async () => {
    await importing.openFile(file("mars.json", { timezone: "Mars", posts: week(["x"]).posts }));
    render(ImportView);
    const said = screen.getAllByRole("alert").map((alert) => alert.textContent.trim());
    expect(said.join(" ")).toContain("Mars");
    expect(screen.queryByText("No errors.")).toBeNull();
  });

  it("can be taken back at once", async () => {
    await importing.openFile(file("back.json", week(["Taken back one", "Taken back two"])));
    await importing.commit();
    render(Toast);
    expect(screen.getByText("Imported 2 posts from back.json.")).toBeTruthy();
    expect(await listed("taken")).toHaveLength(2);
    await userEvent.click(screen.getByRole("button", { name: "Undo" }));
    await until(() => expect(toast.current?.text).toMatch(/^Import undone: /));
    await until(async () => {
      const { posts } = await api.list_posts({ view: "upcoming", search: "taken" });
      expect(posts).toEqual([]);
    });
  });

  it("that is left out as a duplicate says so before, and keeps it when it is told to", async () => {
    const path = file("again.json", week(["Evergreen"]));
    await importing.openFile(path);
    await importing.commit();
    await importing.openFile(path);
    render(ImportView);
    expect(importing.takes).toBe(0);
    expect(importing.possible).toBe(false);
    await userEvent.selectOptions(screen.getByLabelText(/Texts that are here/), "keep");
    await until(() => expect(importing.takes).toBe(1));
  });
});

describe("with two accounts", () => {
  it("the person chooses whose the posts are that name none", async () => {
    accounts.used(null);
    const path = file("whose.json", week(["Whose lark", "Whose wren"]));
    await importing.openFile(path);
    importing.account = null;
    await importing.preview();
    render(ImportView);
    expect(importing.possible).toBe(false);
    const menu = screen.getByRole("combobox", { name: /Account/ });
    await userEvent.selectOptions(menu, "@grace");
    await until(() => expect(importing.possible).toBe(true));
    const shown = [...document.querySelectorAll("[data-row-account]")];
    expect(shown.map((cell) => cell.textContent)).toEqual(["@grace", "@grace"]);
    await importing.commit();
    expect(await listed("whose")).toEqual([
      ["Whose lark", "grace"],
      ["Whose wren", "grace"],
    ]);
    expect(accounts.preferred).toBe(account("grace").x_user_id);
  });

  it("a row that names its account keeps it", async () => {
    const path = file("named.json", week(["Named finch"], { account: "grace" }));
    await importing.openFile(path);
    expect(importing.account).toBe(account("ada").x_user_id);
    await importing.commit();
    expect(await listed("finch")).toEqual([["Named finch", "grace"]]);
  });
});
