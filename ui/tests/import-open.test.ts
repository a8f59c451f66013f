import { truncateSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { cleanup, render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import ImportView from "../src/components/import/ImportView.svelte";
import OpenAnother from "../src/components/import/OpenAnother.svelte";
import { api } from "../src/lib/ipc";
import { accounts } from "../src/lib/state/accounts.svelte";
import { app } from "../src/lib/state/app.svelte";
import { importProgress } from "../src/lib/state/import-progress.svelte";
import { importRows } from "../src/lib/state/import-rows.svelte";
import { importing } from "../src/lib/state/importing.svelte";
import { toast } from "../src/lib/state/toast.svelte";
import { violations } from "./axe";
import { csv, file, found, open, pick, place, removeFiles, week, words } from "./import-files";
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
  importing.another = null;
  await importing.close();
  const { imports } = await api.list_open_imports();
  for (const { session } of imports) await api.drop_import({ session });
  toast.dismiss();
});

async function openImports(): Promise<string[]> {
  const { imports } = await api.list_open_imports();
  return imports.map(({ source }) => source);
}

describe("a source that holds several", () => {
  it("lists asks which one, and another can be taken afterwards", async () => {
    const { posts: march } = week(["Listed linnet"]);
    const { posts: april } = week(["Listed lapwing one", "Listed lapwing two"]);
    await importing.openFiles([file("lists.json", { march, april })]);
    render(ImportView);
    expect(screen.queryByRole("alert")).toBeNull();
    expect(words("[data-part-choice]")).toContain("Which list holds the posts?");
    expect(document.activeElement).toBe(found('[data-part="march"]'));
    expect(await violations()).toEqual([]);
    await userEvent.click(found('[data-part="april"]'));
    await until(() => expect(importing.session?.summary.rows).toBe(2));
    expect(importing.session?.list).toBe("april");
    await pick("list", /^march/);
    await until(() => expect(importing.session?.summary.rows).toBe(1));
  });

  it("another can be taken of one that an earlier window opened", async () => {
    const { posts: march } = week(["Later linnet"]);
    const { posts: april } = week(["Later lapwing one", "Later lapwing two"]);
    const path = file("later.json", { march, april });
    const { id } = await api.open_import({ sources: [{ path }], choices: null, list: "april" });
    await importing.readWaiting();
    const [row] = importing.waiting;
    if (row !== undefined) await importing.reopen(row);
    render(ImportView);
    await until(() => expect(importing.session?.list).toBe("april"));
    await pick("list", /^march/);
    await until(() => expect(importing.session?.summary.rows).toBe(1));
    expect(importing.session?.id).toBe(id);
    expect(importing.session?.list).toBe("march");
  });

  it("sheets asks which one", async () => {
    const fixtures = resolve("../crates/import/tests/fixtures/import/bad");
    await importing.openFiles([`${fixtures}/several-sheets.xlsx`]);
    render(ImportView);
    expect(words("[data-part-choice]")).toContain("Which sheet holds the posts?");
    const [first] = importing.part?.options ?? [];
    await userEvent.keyboard("{Enter}");
    await until(() => expect(importing.session?.sheet).toBe(first));
    expect(importing.part).toBeNull();
  });
});

describe("ids of rows", () => {
  it("count within a plan that is shown and can be named", async () => {
    const rows = csv("id,text,date", "r1,Planned plover,2031-01-01 09:00");
    await importing.openFiles([file("calendar.csv", rows)]);
    render(ImportView);
    const plan = found("#plan") as HTMLInputElement;
    expect(plan.value).toBe("calendar.csv");
    await userEvent.clear(plan);
    await userEvent.type(plan, "Spring");
    await userEvent.tab();
    await until(() => expect(importing.session?.plan).toBe("Spring"));
    await until(() => expect(importing.busy).toBeNull());
    await importing.commit();
    await until(() => expect(importing.done).not.toBeNull());
    // The next file of the plan offers it, under whatever name it comes.
    await app.go("imports");
    await importing.openFiles([file("calendar-2.csv", rows.replace("plover", "pipit"))]);
    await userEvent.click(await until(() => found('[data-plan="Spring"]')));
    await until(() => expect(importing.session?.plan).toBe("Spring"));
    await importing.choose({ update: true });
    expect(importing.session?.summary.updated).toBe(1);
  });
});

describe("another file, while an import is open", () => {
  const openBoth = async () => {
    await open(file("first.json", week(["First of both"])));
    await importing.openFiles([file("second.json", week(["Second of both"]))]);
    render(OpenAnother);
    expect((await screen.findByRole("dialog")).textContent).toContain("first.json is still open");
    expect(importing.session?.source).toBe("first.json");
  };

  it("stays where it is, and the first one open", async () => {
    await openBoth();
    expect(await violations()).toEqual([]);
    await userEvent.click(found('[data-another="keep"]'));
    await until(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(importing.session?.source).toBe("first.json");
    expect(await openImports()).toEqual(["first.json"]);
  });

  it("takes the place of the first one", async () => {
    await openBoth();
    await userEvent.click(found('[data-another="replace"]'));
    await until(() => expect(importing.session?.source).toBe("second.json"));
    expect(await openImports()).toEqual(["second.json"]);
  });

  it("is opened beside the first one, which waits", async () => {
    await openBoth();
    await userEvent.click(found('[data-another="beside"]'));
    await until(() => expect(importing.session?.source).toBe("second.json"));
    expect((await openImports()).sort()).toEqual(["first.json", "second.json"]);
  });
});

describe("a large file", () => {
  it("beyond the limit is refused with both figures before it is read", async () => {
    const path = place("huge.csv");
    writeFileSync(path, "text,date\n");
    truncateSync(path, 300_000_000);
    await importing.openFiles([path]);
    expect(importing.problem).toContain("huge.csv has 300 MB; at most 256 MB are read.");
  });

  it("tells how far it is, and nothing of it stays when it is given up", async () => {
    const lines = Array.from(
      { length: 60_000 },
      (_, row) => `Row ${row} of a long file,2031-01-01`,
    );
    const path = file("long.csv", csv("text,date", ...lines));
    render(ImportView);
    const opening = importing.openFiles([path]);
    await until(() => expect(importProgress.now?.step).toMatch(/reading|judging/));
    await until(() => expect(words("[data-progress]")).toMatch(/^(Read|Checked|Finding) /));
    await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
    await opening;
    expect(importing.open).toBe(false);
    await until(async () => expect(await openImports()).toEqual([]));
    expect(importProgress.now).toBeNull();
  });
});

it("rows show what their texts repeat as soon as that is found", async () => {
  const text = "Doors open at nine today, come early and bring a friend along.";
  await open(file("near.json", week([text, text.replace("nine", "ten")])));
  await until(() => {
    const codes = importRows.at(1)?.findings.map(({ code }) => code);
    expect(codes).toEqual(["near_duplicate"]);
  });
});
