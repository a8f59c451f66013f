/** What a new user met while importing: each stands here as they met it. */
import { writeFileSync } from "node:fs";
import { cleanup, render } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import ImportView from "../src/components/import/ImportView.svelte";
import { api } from "../src/lib/ipc";
import type { ImportRowView } from "../src/lib/ipc";
import { importing } from "../src/lib/state/importing.svelte";
import {
  csv,
  file,
  found,
  judged,
  listed,
  open,
  outcomes,
  place,
  removeFiles,
  week,
  words,
} from "./import-files";
import { layOut } from "./layout";
import { end, start, until } from "./world";

beforeAll(() => start());
afterAll(async () => {
  await end();
  removeFiles();
});
beforeEach(() => layOut());
afterEach(async () => {
  cleanup();
  await importing.close();
  const { imports } = await api.list_open_imports();
  for (const { session } of imports) await api.drop_import({ session });
});

async function rows(): Promise<ImportRowView[]> {
  const session = importing.session?.id;
  if (session === undefined) throw new Error("no import is open");
  return (await api.import_rows({ session })).rows;
}

const codesOf = (row: ImportRowView | undefined) => row?.findings.map(({ code }) => code) ?? [];

it("a time with Z is shown on the clocks of the file's zone, with its day and what the file says", async () => {
  const posts = [{ content: "When is that?", scheduledAt: "2031-11-29 16:29:35Z", account: "ada" }];
  await open(file("z.json", { timezone: "Asia/Kolkata", posts }));
  render(ImportView);
  await until(() => expect(outcomes()).toEqual(["ready"]));
  const cell = found("[data-cell=when]");
  expect(cell.textContent).toContain("29 Nov");
  expect(cell.textContent).toContain("21:59");
  expect(cell.querySelector("[title]")?.getAttribute("title")).toBe(
    "In the file: 2031-11-29 16:29:35Z",
  );
  expect(codesOf((await rows())[0])).toContain("utc_time");
});

it("every fault of a file is told at once, whichever else there is", async () => {
  const path = csv(
    "text,time",
    "No account and long past,2020-03-01 09:00",
    "Twice,2031-03-02 09:00",
    "Twice,2031-03-02 09:00",
    "Tom &amp; Jerry,2031-03-03 09:00",
    '"One\\nTwo",2031-03-04 09:00',
    "Hello {{name}},2031-03-05 09:00",
    "At home,2031-03-06 09:00 EST",
  );
  await open(file("faults.csv", path));
  const codes = (await rows()).map(codesOf);
  expect(codes[0]).toEqual(expect.arrayContaining(["account_missing", "time_long_past"]));
  expect(codes[2]).toEqual(expect.arrayContaining(["account_missing", "duplicate_content"]));
  expect(codes[3]).toContain("html_entities");
  expect(codes[4]).toContain("literal_escapes");
  expect(codes[5]).toContain("placeholder_left");
  expect(codes[6]).toContain("zone_abbreviation");
});

it("rows that are left out look so, and say which row they repeat", async () => {
  const posts = [1, 2, 3].map(() => ({
    content: "Evergreen",
    scheduledAt: "2031-04-01 09:00",
    account: "ada",
  }));
  await open(file("evergreen.json", { timezone: "Asia/Kolkata", posts }));
  render(ImportView);
  await until(() => expect(outcomes()).toEqual(["ready", "skipped", "skipped"]));
  expect(found('[data-import-row="2"]').classList.contains("skipped")).toBe(true);
  expect(words('[data-import-row="2"] [data-problems]')).toMatch(/row 1|Same/i);
});

it("a bad row keeps no good one back: it is left out, or mended in its place", async () => {
  const posts = [
    { content: "Good", scheduledAt: "2031-05-01 09:00", account: "ada" },
    { content: "x".repeat(300), scheduledAt: "2031-05-02 09:00", account: "ada" },
  ];
  await open(file("one-bad.json", { timezone: "Asia/Kolkata", posts }));
  expect(importing.possible).toBe(false);
  const session = importing.session?.id ?? "";
  await api.decide_import_rows({ session, rows: [2], decision: "leave_out" });
  expect((await rows()).map(({ outcome }) => outcome)).toEqual(["ready", "skipped"]);
});

it("what is shown of a file is what is imported, in UTF-16 too", async () => {
  const texts = ["Grüße aus dem Nest", "Second of two"];
  const path = place("utf16.json");
  writeFileSync(path, `\ufeff${JSON.stringify(week(texts, { account: "ada" }))}`, "utf16le");
  await open(path);
  render(ImportView);
  await until(() => expect(outcomes()).toEqual(["ready", "ready"]));
  const shown = [...document.querySelectorAll("[data-import-row] [data-cell=text]")];
  expect(shown.map((cell) => cell.textContent.trim())).toEqual(texts);
  await importing.commit();
  expect(importing.done?.report.import_id).toBeTruthy();
  expect((await listed("nest")).map(([text]) => text)).toEqual([texts[0]]);
  expect((await listed("second two")).map(([text]) => text)).toEqual([texts[1]]);
});

it("a file that is mended elsewhere while it is shown is said to be another, and read anew on request", async () => {
  const path = file("mended.json", week(["x".repeat(300)], { account: "ada" }));
  await open(path);
  render(ImportView);
  await until(() => expect(outcomes()).toEqual(["refused"]));
  window.dispatchEvent(new Event("focus"));
  await judged();
  file("mended.json", week(["Short now", "And one more"], { account: "ada" }));
  // The person comes back from the spreadsheet.
  window.dispatchEvent(new Event("focus"));
  await until(() => expect(words("[data-source-changed]")).toContain("was changed"));
  expect(outcomes()).toEqual(["refused"]);
  await userEvent.click(found("[data-read-anew]"));
  await until(() => expect(outcomes()).toEqual(["ready", "ready"]));
  expect(document.querySelector("[data-source-changed]")).toBeNull();
});

it("a list of tags is shown and changed as people write one", async () => {
  const path = file("tags.json", week(["Tagged"], { account: "ada", tags: ["launch", "story"] }));
  await open(path);
  render(ImportView);
  await until(() => expect(words("[data-cell=tags]")).toBe("launch, story"));
  await userEvent.dblClick(found("[data-cell=tags]"));
  const editor = found("[data-cell-editor]") as HTMLTextAreaElement;
  expect(editor.value).toBe("launch, story");
  await userEvent.type(editor, ", owl{Enter}");
  await until(() => expect(words("[data-cell=tags]")).toBe("launch, story, owl"));
  await importing.commit();
  const { posts } = await api.list_posts({ view: "all", search: "tag:owl" });
  expect(posts.map(({ text }) => text)).toEqual(["Tagged"]);
});
