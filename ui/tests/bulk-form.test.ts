import { expect, it } from "vitest";
import { blankForm, changeOf, dayOf, timeOf, wholeNumber } from "../src/lib/bulk/form";
import { BULK } from "../src/lib/bulk/kinds";
import type { BulkKind } from "../src/lib/bulk/kinds";

const form = (change = {}) => ({
  ...blankForm("2031-03-03 09:30", "2031-03-01", "UTC"),
  ...change,
});

it("times of day are read as they are typed, and nothing that is none", () => {
  expect(["9", "930", "0930", "9:30", "9.30", "23:59"].map(timeOf)).toEqual([
    "09:00",
    "09:30",
    "09:30",
    "09:30",
    "09:30",
    "23:59",
  ]);
  expect(["", "24:00", "9:60", "9:3", "noon", "12345"].map(timeOf)).toEqual(Array(6).fill(null));
});

it("days are read whole, and no day that a month does not have", () => {
  expect(["2031-3-3", " 2031-03-03 "].map(dayOf)).toEqual(["2031-03-03", "2031-03-03"]);
  expect(["", "2031-02-30", "3 Mar", "2031-13-01"].map(dayOf)).toEqual(Array(4).fill(null));
});

it("a number is whole and not below its least", () => {
  expect(["1", " 12 ", "0", "-1", "1.5", "", "x"].map((typed) => wholeNumber(typed, 1))).toEqual([
    1,
    12,
    null,
    null,
    null,
    null,
    null,
  ]);
});

it("each unit of a shift is asked for as the engine counts it", () => {
  const shift = (change: object) => changeOf("shift", form({ amount: "2", ...change }));
  expect(shift({ unit: "minutes" })).toEqual({ times: { kind: "shift", seconds: 120 } });
  expect(shift({ unit: "hours", direction: "earlier" })).toEqual({
    times: { kind: "shift", seconds: -7200 },
  });
  expect(shift({ unit: "weeks" })).toEqual({ times: { kind: "shift", days: 14 } });
  expect(shift({ amount: "two" })).toBeNull();
});

it("a blank form begins at the first post's time, and every kind has its request", () => {
  expect(form().date).toBe("2031-03-03");
  expect(form().time).toBe("09:30");
  const filled = form({ find: "a", text: "b", account: "1", addTags: "c" });
  for (const kind of Object.keys(BULK) as BulkKind[])
    expect(changeOf(kind, filled), kind).not.toBeNull();
});
