import { existsSync, readFileSync } from "node:fs";
import { cleanup, render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import Imports from "../src/components/Imports.svelte";
import ImportView from "../src/components/import/ImportView.svelte";
import { api } from "../src/lib/ipc";
import { accounts } from "../src/lib/state/accounts.svelte";
import { app } from "../src/lib/state/app.svelte";
import { importing } from "../src/lib/state/importing.svelte";
import { toast } from "../src/lib/state/toast.svelte";
import { violations } from "./axe";
import { beside, copyText, pickFiles, pickPlace } from "./host";
import {
  csv,
  file,
  found,
  judged,
  listed,
  open,
  outcomes,
  pick,
  place,
  removeFiles,
  week,
  words,
} from "./import-files";
import { layOut } from "./layout";
import { account, end, start, until } from "./world";

beforeAll(() => start());
afterAll(async () => {
  await end();
  removeFiles();
});
beforeEach(() => {
  layOut();
  accounts.used(account("ada").x_user_id);
});
afterEach(async () => {
  cleanup();
  await importing.close();
  const { imports } = await api.list_open_imports();
  for (const { session } of imports) await api.drop_import({ session });
  toast.dismiss();
});

const effect = () =>
  [...document.querySelectorAll("[data-effect] span")].map(({ textContent }) => textContent);
const commitButton = () => found("[data-commit]") as HTMLButtonElement;

describe("an import", () => {
  it("tells cost, number and days before it does anything", async () => {
    await open(file("week.json", week(["Owls, one", "Owls, two", "Owls https://example.com"])));
    render(ImportView);
    await until(() => expect(outcomes()).toEqual(["ready", "ready", "ready"]));
    expect(words("[data-sum]")).toContain("$0.23");
    expect(words("[data-sum]")).toContain("Sat 1 Mar 2031 – Mon 3 Mar 2031");
    expect(words("[data-commit]")).toContain("Import 3");
    expect(document.querySelectorAll("[data-day]")).toHaveLength(3);
    expect(await listed("owls")).toEqual([]);
  });

  it("with an error says in which row and why, and can't be committed until it is decided", async () => {
    await open(file("long.json", week(["good magpie", "x".repeat(300)])));
    render(ImportView);
    expect(words("[data-commit]")).toBe("Fix 1 row to import");
    expect(commitButton().disabled).toBe(true);
    await until(() => expect(words('[data-row-error="2"]')).toMatch(/280/));
    await importing.commit();
    expect(await listed("magpie")).toEqual([]);

    await userEvent.click(screen.getByRole("radio", { name: "Leave out" }));
    await until(() => expect(words("[data-commit]")).toContain("Import 1 (leave out 1)"));
    expect(words("[data-effect]")).toContain("1 row left out");
    await userEvent.click(screen.getByRole("radio", { name: "Make drafts" }));
    await until(() => expect(words("[data-effect]")).toContain("1 draft"));
    await userEvent.click(screen.getByRole("radio", { name: "Leave out" }));
    await judged();
    await userEvent.click(commitButton());
    await until(() => found("[data-import-done]"));
    expect(await listed("magpie")).toHaveLength(1);
  });

  it("of a file that can't be read says what is wrong, and offers another", async () => {
    await importing.openFiles([place("gone.json")]);
    render(ImportView);
    expect(screen.getByRole("alert").textContent).toContain("gone.json");
    expect(screen.getByRole("button", { name: "Choose another file" })).toBeTruthy();
    await importing.close();
    expect(importing.open).toBe(false);
  });

  it("can be taken back at once", async () => {
    await open(file("back.json", week(["Taken back one", "Taken back two"])));
    render(ImportView);
    await importing.commit();
    await until(() => expect(words("[data-import-done]")).toContain("Imported 2 posts."));
    expect(await listed("taken")).toHaveLength(2);
    await userEvent.click(screen.getByRole("button", { name: "Undo the import" }));
    await until(() => expect(words("[data-import-done]")).toContain("taken back"));
    await until(async () => {
      const { posts } = await api.list_posts({ view: "upcoming", search: "taken" });
      expect(posts).toEqual([]);
    });
  });

  it("leaves duplicates out and says so, and keeps them when it is told to", async () => {
    const path = file("again.json", week(["Evergreen"]));
    await open(path);
    await importing.commit();
    await open(path);
    render(ImportView);
    expect(importing.effect?.button).toBe("Nothing to import");
    await until(() => expect(outcomes()).toEqual(["skipped"]));
    expect(words('[data-pill="left_out"]')).toBe("1 left out (1 duplicate)");
    await pick("duplicates", /imported too/);
    await until(() => expect(words("[data-commit]")).toContain("Import 1"));
  });

  it("of times in the past does what the person chose", async () => {
    await open(
      file("past.csv", csv("text,date", "Heron then,2019-03-01 09:00", "Heron,2031-04-01 9:00")),
    );
    render(ImportView);
    // What was chosen for the import before is chosen still.
    await userEvent.click(screen.getByRole("radio", { name: "Fix first" }));
    await until(() => expect(commitButton().disabled).toBe(true));
    await pick("past", /Become drafts/);
    await until(() => expect(effect()).toEqual(["1 post to schedule", "1 draft"]));
    await pick("past", /Are left out/);
    await until(() => expect(words("[data-commit]")).toContain("Import 1 (leave out 1)"));
  });

  it("saves what it leaves out, each row with its reason", async () => {
    await open(file("mixed.csv", csv("text,date", "Wren,2031-05-01 9:00", `${"y".repeat(400)},`)));
    const saved = place("mixed-left-out.csv");
    pickPlace.mockResolvedValueOnce(saved);
    render(ImportView);
    await userEvent.click(screen.getByRole("button", { name: "Save left-out rows" }));
    await until(() => expect(toast.current?.text).toContain("1 row saved"));
    expect(existsSync(saved)).toBe(true);
    expect(readFileSync(saved, "utf8")).toContain("y".repeat(400));
  });
});

describe("the columns of a file", () => {
  it("that are unknown are left out, and can be taken by hand", async () => {
    const rows = ["Mapped heron,2031-06-01 09:00,spring", "Mapped egret,2031-06-02 09:00,autumn"];
    await open(file("columns.csv", csv("Text,Date,Campaign", ...rows)));
    render(ImportView);
    expect(words("[data-mapping-toggle]")).toContain("1 column left out: Campaign");
    await userEvent.click(found("[data-mapping-toggle]"));
    await pick("column-2", /^Tags/);
    await until(() => expect(importing.session?.columns[2]?.field).toBe("tags"));
    await until(() => expect(found('[data-cell="tags"]').textContent.trim()).toBe("spring"));
    await importing.commit();
    const { posts } = await api.list_posts({ view: "all", search: "mapped" });
    expect(posts.map(({ tags }) => tags)).toEqual([["spring"], ["autumn"]]);
  });

  it("ask which comes first, day or month, where the dates don't say", async () => {
    const rows = ["Which day one,03/04/2031 09:00", "Which day two,05/06/2031 09:00"];
    await open(file("order.csv", csv("Text,Date", ...rows)));
    render(ImportView);
    expect(words("[data-mapping-toggle]")).toContain("1 question about dates");
    expect(commitButton().disabled).toBe(true);
    await userEvent.click(screen.getByRole("radio", { name: "Day first" }));
    await until(() => expect(importing.possible).toBe(true));
    await until(() => expect(words('[data-cell="when"]')).toContain("3 Apr 2031"));
  });
});

describe("a question about a column", () => {
  it("whose name may be a slip is answered with a button", async () => {
    await open(file("slip.csv", csv("content,shceduledAt", "Slipped siskin,soon")));
    render(ImportView);
    expect(words("[data-mapping-toggle]")).toContain("1 question about columns");
    await userEvent.click(screen.getByRole("radio", { name: "Yes" }));
    await until(() => expect(importing.session?.columns[1]?.field).toBe("scheduled_at"));
    await until(() => expect(document.querySelector("[data-question]")).toBeNull());
  });

  it("of numbers says what they mean, and takes them for dates", async () => {
    await open(file("serial.csv", csv("content,scheduledAt", "Serial snipe,47847.375")));
    render(ImportView);
    expect(words("[data-question]")).toContain("2030-12-30 09:00");
    await userEvent.click(screen.getByRole("radio", { name: "Yes" }));
    await until(() => expect(document.querySelector("[data-question]")).toBeNull());
    await userEvent.click(found("[data-mapping-toggle]"));
    await until(() => expect(found('[data-select="numbers-1"]').textContent).toContain("1900"));
    expect(await violations()).toEqual([]);
  });
});

describe("a fix", () => {
  const entities = csv(
    "text,date",
    "Fish &amp; chips,2031-07-01 09:00",
    "Salt &amp; pepper,2031-07-02 09:00",
    "Plain kelp,2031-07-03 09:00",
  );

  it("mends all such rows at once", async () => {
    await open(file("entities.csv", entities));
    render(ImportView);
    await userEvent.click(found('[data-fix-all="decode_entities"]'));
    await until(() => expect(importing.session?.summary.by_code).toEqual([]));
    await judged();
    await importing.commit();
    expect((await listed("salt")).map(([text]) => text)).toEqual(["Salt & pepper"]);
    expect((await listed("fish")).map(([text]) => text)).toEqual(["Fish & chips"]);
  });

  it("mends one row, from its findings", async () => {
    await open(file("one.csv", entities.replaceAll("Fish", "Cod").replaceAll("Salt", "Dill")));
    render(ImportView);
    await until(() => found('[data-problems="1"]'));
    await userEvent.click(found('[data-problems="1"]'));
    const popover = await screen.findByRole("dialog", { name: "Findings of row 1" });
    expect(await violations(popover)).toEqual([]);
    await userEvent.click(found('[data-findings] [data-fix="decode_entities"]'));
    await until(() => expect(found('[data-cell="text"]').textContent).toContain("Cod & chips"));
    const left = importing.session?.summary.by_code.find(({ code }) => code === "html_entities");
    expect(left?.rows).toBe(1);
  });
});

describe("an import that was left", () => {
  it("waits with what was changed in it, for another window too", async () => {
    await open(file("kept.json", week(["Kept swift", "z".repeat(300)])));
    const session = importing.session?.id ?? "";
    render(ImportView);
    await until(() => found("[data-import-row]"));
    await userEvent.dblClick(found('[data-import-row="2"] [data-cell="text"]'));
    await userEvent.clear(found("[data-cell-editor]"));
    await userEvent.type(found("[data-cell-editor]"), "Mended{Enter}");
    await until(() => expect(importing.session?.summary.refused).toBe(0));
    cleanup();
    const { imports } = await beside<{ imports: { session: string; cells_changed: number }[] }>(
      "list_open_imports",
      {},
    );
    expect(imports).toMatchObject([{ session, cells_changed: 1 }]);

    await importing.close();
    expect(toast.current?.text).toContain("waits under Imports");
    render(Imports);
    await userEvent.click(await screen.findByRole("button", { name: "Go on" }));
    cleanup();
    render(ImportView);
    await until(() => expect(outcomes()).toEqual(["ready", "ready"]));
    expect(found('[data-import-row="2"]').textContent).toContain("Mended");
  });

  it("without a change is forgotten", async () => {
    await open(file("forgotten.json", week(["Forgotten stork"])));
    await importing.close();
    expect((await api.list_open_imports()).imports).toEqual([]);
  });

  it("can be given up", async () => {
    await open(file("given-up.json", week(["Given up crane"])));
    const session = importing.session?.id ?? "";
    await api.set_import_cells({ session, cells: [{ row: 1, field: "note", text: "x" }] });
    await importing.discard(session);
    expect((await api.list_open_imports()).imports).toEqual([]);
    expect(importing.open).toBe(false);
  });
});

describe("the imports that wait", () => {
  it("are read again when one is opened beside the window", async () => {
    render(Imports);
    await until(() => expect(document.querySelector("[data-waiting]")).toBeNull());
    const sources = [{ text: csv("text,date", "Waiting wigeon,2031-11-01 09:00"), name: "w.csv" }];
    await api.open_import({ sources, choices: null });
    await until(() => expect(words("[data-waiting]")).toContain("w.csv"));
  });
});

describe("where an import begins", () => {
  it("files are chosen, several at once", async () => {
    const paths = [file("a.json", week(["First of two"])), file("b.json", week(["Second of two"]))];
    pickFiles.mockResolvedValueOnce(paths);
    render(Imports);
    expect(await violations()).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Choose files…" }));
    await until(() => expect(importing.session?.summary.rows).toBe(2));
  });

  it("a text is pasted anywhere on the page", async () => {
    render(Imports);
    await userEvent.paste(csv("text,date", "Pasted plover,2031-08-01 09:00"));
    await until(() => expect(importing.session?.summary.rows).toBe(1));
    expect(importing.session?.source).toBe("Pasted text");
  });

  it("a template is saved where the person says, and is imported as it stands", async () => {
    const path = place("template.csv");
    pickPlace.mockResolvedValueOnce(path);
    render(Imports);
    await userEvent.click(screen.getByRole("button", { name: "Save a template" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: /^CSV/ }));
    await until(() => expect(existsSync(path)).toBe(true));
    await importing.openFiles([path]);
    expect(importing.session?.summary).toMatchObject({ refused: 0, ready: 2, drafts: 1 });
  });

  it("a prompt for a language model is put on the clipboard, with the account's name in it", async () => {
    copyText.mockClear();
    render(Imports);
    await userEvent.click(screen.getByRole("button", { name: "Copy a prompt for my AI" }));
    await until(() => expect(copyText).toHaveBeenCalledOnce());
    expect(copyText.mock.calls[0]?.[0]).toContain("@ada");
  });

  it("an import is undone only after it was asked", async () => {
    await open(file("asked.json", week(["Asked avocet"])));
    await importing.commit();
    await app.go("imports");
    render(Imports);
    const [undo] = screen.getAllByRole("button", { name: "Undo" });
    if (!undo) throw new Error("nothing to undo");
    await userEvent.click(undo);
    expect(await listed("avocet")).toHaveLength(1);
    await userEvent.click(await screen.findByRole("button", { name: "Undo the import" }));
    await until(() => expect(toast.current?.text).toMatch(/^Import undone: /));
  });
});

describe("with two accounts", () => {
  it("the person chooses whose the posts are that name none", async () => {
    accounts.used(null);
    localStorage.clear();
    await open(file("whose.json", week(["Whose lark", "Whose wren"])));
    await importing.choose({ account: null });
    render(ImportView);
    expect(importing.possible).toBe(false);
    await pick("account", /@grace/);
    await until(() => expect(importing.possible).toBe(true));
    await until(() => {
      const shown = [...document.querySelectorAll('[data-cell="account"]')];
      expect(shown.map((cell) => cell.textContent.trim())).toEqual(["@grace", "@grace"]);
    });
    await importing.commit();
    expect(await listed("whose")).toEqual([
      ["Whose lark", "grace"],
      ["Whose wren", "grace"],
    ]);
    expect(accounts.preferred).toBe(account("grace").x_user_id);
  });

  it("a row that names its account keeps it", async () => {
    await open(file("named.json", week(["Named finch"], { account: "grace" })));
    await importing.commit();
    expect(await listed("finch")).toEqual([["Named finch", "grace"]]);
  });
});

it("the view has no fault that axe-core can find, in either state", async () => {
  await open(file("axe.csv", csv("Text,Date,Campaign", "Axe &amp; owl,2031-09-01 09:00,x", ",,")));
  render(ImportView);
  await until(() => found("[data-import-row]"));
  expect(await violations()).toEqual([]);
  await importing.choose({ problems: "skip" });
  await importing.commit();
  await until(() => found("[data-import-done]"));
  expect(await violations()).toEqual([]);
});
