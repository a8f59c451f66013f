import { describe, expect, it } from "vitest";
import { cellsOf, quoted } from "../src/lib/import/clipboard";
import { cellMark, cellText, editedField, gridColumns } from "../src/lib/import/columns";
import { byMonth, strip } from "../src/lib/import/day-strip";
import { fraction, progressText } from "../src/lib/import/progress";
import { effectOf } from "../src/lib/import/effect";
import { fieldOf } from "../src/lib/import/fields";
import { hasRows, pills, queryOf } from "../src/lib/import/filters";
import { ROW, rowWindow, scrollTo } from "../src/lib/import/row-window";
import { column, finding, importRow, session, summary } from "./import-rows";

describe("the rows in view", () => {
  it("are few, whatever the number of rows", () => {
    for (const total of [10_000, 100_000, 1_000_000]) {
      const { first, end, canvas } = rowWindow(total, 200_000, 600);
      expect(end - first).toBeLessThan(32);
      expect(canvas).toBeLessThanOrEqual(24_000_000);
    }
  });

  it("reach the last row at the end of the canvas, however many there are", () => {
    for (const total of [5, 100_000, 1_000_000]) {
      const { canvas } = rowWindow(total, 0, 600);
      const { end, first, top } = rowWindow(total, Math.max(0, canvas - 600), 600);
      expect(end).toBe(total);
      // Drawn from there on, the last one ends where the canvas ends.
      expect(Math.abs(top + (end - first) * ROW - canvas)).toBeLessThan(2);
    }
  });

  it("hold the row that was scrolled to", () => {
    for (const [total, index] of [
      [1_000, 700],
      [1_000_000, 654_321],
      [1_000_000, 999_999],
    ] as const) {
      const { first, end } = rowWindow(total, scrollTo(total, 0, 600, index), 600);
      expect(first).toBeLessThanOrEqual(index);
      expect(end).toBeGreaterThan(index);
    }
  });

  it("stay where the row is in view already", () => {
    expect(scrollTo(100, 440, 600, 12)).toBe(440);
  });
});

describe("the clipboard", () => {
  it("is read as spreadsheets write it", () => {
    expect(cellsOf("a\tb\r\nc\td\r\n")).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
    expect(cellsOf('"two\nlines"\t"say ""hi"""')).toEqual([["two\nlines", 'say "hi"']]);
    expect(cellsOf("one")).toEqual([["one"]]);
    expect(cellsOf("a\t\nb\t")).toEqual([
      ["a", ""],
      ["b", ""],
    ]);
  });

  it("takes a quote that is not closed for a letter", () => {
    expect(cellsOf('"Well\tnext')).toEqual([['"Well', "next"]]);
    expect(cellsOf('5" nails')).toEqual([['5" nails']]);
  });

  it("gets a cell that is one cell again when it is read", () => {
    for (const cell of ["plain", "two\nlines", 'say "hi"', "a\tb"]) {
      expect(cellsOf(quoted(cell))).toEqual([[cell]]);
    }
  });
});

describe("the columns of the grid", () => {
  const keys = (fields: Parameters<typeof column>[0][], several = false) =>
    gridColumns(fields.map(column), several).map(({ key }) => key);

  it("are time, text, the fields that the file has, and the cost", () => {
    expect(keys(["content", "scheduled_at", "tags", null])).toEqual([
      "when",
      "text",
      "tags",
      "cost",
    ]);
  });

  it("show date and time apart where the file does, beside the time that they make", () => {
    expect(keys(["time", "date", "content"])).toEqual(["when", "date", "time", "text", "cost"]);
    const [when] = gridColumns([column("date"), column("time")], false);
    expect(when?.field).toBeNull();
  });

  it("show the account where there are several, though the file names none", () => {
    expect(keys(["content"], true)).toContain("account");
  });

  it("write a list of tags as people do, unless it would be read as another one", () => {
    const [, , tags] = gridColumns([column("content"), column("tags")], false);
    if (!tags) throw new Error("no column");
    const shown = (text: string) => cellText(tags, importRow({ cells: { tags: text } }));
    expect(shown('[ "launch", "story" ]')).toBe("launch, story");
    expect(shown("launch; story")).toBe("launch; story");
    for (const other of ['["a, b"]', '["a", 1]', "[broken", "[]x"])
      expect(shown(other)).toBe(other);
  });

  it("mark the cell that a finding is about, however the file writes its name", () => {
    const [when, text] = gridColumns([column("scheduled_at"), column("thread")], false);
    if (!when || !text) throw new Error("no columns");
    const row = importRow({
      cells: { thread: "one" },
      findings: [
        finding("time_in_past", "warning", "scheduledAt"),
        finding("text_too_long", "error", "thread[2]"),
      ],
    });
    expect([cellMark(when, row), cellMark(text, row)]).toEqual(["warning", "error"]);
    expect([editedField(text, row), cellText(text, row)]).toEqual(["thread", "one"]);
    expect(fieldOf("somethingElse")).toBeNull();
  });
});

describe("what an import would do", () => {
  it("says how many are imported and how many left out", () => {
    const { button, isPossible, lines } = effectOf(
      session({ ready: 380, skipped: 8, duplicates: 3, importable: 380 }),
    );
    expect(button).toBe("Import 380 (leave out 8)");
    expect(isPossible).toBe(true);
    expect(lines).toEqual(["380 posts to schedule", "8 rows left out (3 duplicates)"]);
  });

  it("is impossible while an error is in the way, or nothing is left", () => {
    const refused = effectOf(session({ ready: 3, refused: 2 }));
    expect([refused.button, refused.isPossible]).toEqual(["Fix 2 rows to import", false]);
    const nothing = effectOf(session({ skipped: 2, duplicates: 2 }));
    expect([nothing.button, nothing.isPossible]).toEqual(["Nothing to import", false]);
  });

  it("has a pill for each kind of rows that there is, and asks for those rows", () => {
    const found = [
      { code: "text_too_long", severity: "error", rows: 2, title: "Too long", fixes: [] } as const,
      { code: "html_entities", severity: "warning", rows: 3, title: "HTML", fixes: [] } as const,
    ].map((each) => ({ ...each, fixes: [] }));
    // A row counts once, however much was found in it.
    const counts = { refused: 2, with_error: 2, with_warning: 1 };
    const shown = pills(summary({ rows: 9, ready: 6, drafts: 1, ...counts, by_code: found }));
    expect(shown.map(({ text }) => text)).toEqual([
      "9 rows",
      "6 ready",
      "2 with errors",
      "1 with warnings",
      "1 draft",
    ]);
    expect(queryOf({ kind: "pill", pill: "errors" }, found)).toEqual({ codes: ["text_too_long"] });
    expect(queryOf({ kind: "pill", pill: "warnings" }, [])).toBeNull();
  });

  it("has a pill for texts that are here already, of whatever kind", () => {
    const found = [
      { code: "repeated_text", severity: "warning", rows: 2, title: "Again", fixes: [] } as const,
      { code: "near_duplicate", severity: "warning", rows: 1, title: "Near", fixes: [] } as const,
    ].map((each) => ({ ...each, fixes: [] }));
    const texts = pills(summary({ rows: 3, ready: 3, by_code: found })).map(({ text }) => text);
    expect(texts).toContain("3 duplicates");
    const query = queryOf({ kind: "pill", pill: "duplicates" }, found);
    expect(query?.codes).toEqual(expect.arrayContaining(["repeated_text", "near_duplicate"]));
  });

  it("shows no filter whose last row was mended", () => {
    const mended = summary({ rows: 2, ready: 2, days: [{ date: "2031-03-01", count: 2 }] });
    expect(hasRows({ kind: "pill", pill: "errors" }, mended)).toBe(false);
    expect(hasRows({ kind: "code", code: "html_entities" }, mended)).toBe(false);
    expect(hasRows({ kind: "day", date: "2031-03-01" }, mended)).toBe(true);
    expect(hasRows({ kind: "search", text: "nothing" }, mended)).toBe(true);
  });
});

it("progress is told in words, and as a part where it is known", () => {
  const reading = { step: "reading", done: 1_200_000, of: 26_000_000 } as const;
  expect(progressText(reading)).toBe("Read 1.2 of 26.0 MB");
  expect(fraction(reading)).toBeCloseTo(0.046);
  const read = { ...reading, done: 26_000_000 };
  expect([progressText(read), fraction(read)]).toEqual(["Finding the rows…", null]);
  const writing = { step: "writing", done: 40_000, of: 200_000 } as const;
  expect([progressText(writing), fraction(writing)]).toEqual([
    "Imported 40,000 of 200,000 posts",
    0.2,
  ]);
  expect([progressText(null), fraction(null)]).toEqual([null, null]);
});

it("the strip has every day between the first and the last", () => {
  const days = strip([
    { date: "2027-02-27", count: 2 },
    { date: "2027-03-02", count: 1 },
  ]);
  expect(days.map(({ date, count }) => `${date} ${count}`)).toEqual([
    "2027-02-27 2",
    "2027-02-28 0",
    "2027-03-01 0",
    "2027-03-02 1",
  ]);
  const months = byMonth(days).map(({ month, days }) => [month, days.length]);
  expect(months).toEqual([
    ["2027-02", 2],
    ["2027-03", 2],
  ]);
  expect(strip([])).toEqual([]);
});
