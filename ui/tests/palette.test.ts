import { cleanup, render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import Palette from "../src/components/Palette.svelte";
import ShortcutSheet from "../src/components/ShortcutSheet.svelte";
import { COMMANDS, isPossible, shortcuts } from "../src/lib/commands";
import { onKey } from "../src/lib/keys";
import { commandsFor } from "../src/lib/palette";
import { app } from "../src/lib/state/app.svelte";
import { calendar } from "../src/lib/state/calendar.svelte";
import { composer } from "../src/lib/state/composer.svelte";
import { palette } from "../src/lib/state/palette.svelte";
import { posts } from "../src/lib/state/posts.svelte";
import { violations } from "./axe";
import { end, scheduled, start, until } from "./world";

beforeAll(async () => {
  await start();
  await app.go("upcoming");
});
afterAll(end);
afterEach(async () => {
  cleanup();
  palette.open = false;
  app.shortcutsOpen = false;
  composer.discard();
  await composer.close();
  await app.go("upcoming");
});

function press(key: string, options: KeyboardEventInit = {}) {
  onKey(new KeyboardEvent("keydown", { key, cancelable: true, ...options }));
}

function open() {
  press("k", { ctrlKey: true });
  expect(palette.open).toBe(true);
  render(Palette);
  return userEvent.setup();
}

describe("the registry", () => {
  it("has each command once, and no key twice in one place", () => {
    expect(new Set(COMMANDS.map(({ id }) => id)).size).toBe(COMMANDS.length);
    const keys = COMMANDS.flatMap(({ keys, where }) => keys.map((key) => `${where} ${key}`));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("is what the sheet of shortcuts lists", () => {
    render(ShortcutSheet);
    for (const { title, keys } of COMMANDS)
      if (keys.length > 0) expect(screen.getAllByText(title).length).toBeGreaterThan(0);
    expect(shortcuts().map(({ group }) => group)).toContain("In the composer");
  });

  it("runs each key that it names", async () => {
    press("n");
    await until(() => expect(composer.open).toBe(true));
    await composer.close();
    press("g");
    press("a");
    await until(() => expect(app.place).toBe("all"));
  });

  it("says what can't be done here", async () => {
    const titles = () => commandsFor("").map(({ title }) => title);
    expect(titles()).toContain("Next post");
    expect(titles()).not.toContain("Edit");
    await app.go("calendar");
    expect(titles()).toContain("Month");
    expect(titles()).not.toContain("Next post");
    expect(COMMANDS.filter(isPossible).length).toBeLessThan(COMMANDS.length);
  });
});

describe("the palette", () => {
  it("runs what is typed and chosen with the keys", async () => {
    const user = open();
    await user.type(screen.getByRole("combobox"), "go to dra");
    await user.keyboard("{Enter}");
    await until(() => expect(app.place).toBe("drafts"));
    expect(palette.open).toBe(false);
  });

  it("finds posts, and shows the one that is chosen", async () => {
    const post = await scheduled("a rare hoopoe");
    const user = open();
    await user.type(screen.getByRole("combobox"), "hoopoe");
    await screen.findByRole("option", { name: /a rare hoopoe/ });
    expect(await violations()).toEqual([]);
    await user.keyboard("{Enter}");
    await until(() => expect(app.detail?.row.id).toBe(post.id));
    expect([app.place, posts.search]).toEqual(["all", "hoopoe"]);
  });

  it("goes to a day that is named as people say it", async () => {
    const user = open();
    await user.type(screen.getByRole("combobox"), "31 dec");
    await user.click(await screen.findByRole("option", { name: /Show .*31 Dec/ }));
    await until(() => expect(app.place).toBe("calendar"));
    expect(calendar.anchor).toMatch(/-12-31$/);
  });

  it("does not open over what is being written, and Escape closes it", async () => {
    await composer.openNew();
    press("k", { ctrlKey: true });
    expect(palette.open).toBe(false);
    await composer.close();
    open();
    press("Escape");
    expect(palette.open).toBe(false);
  });
});
