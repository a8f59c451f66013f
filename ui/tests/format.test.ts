import { describe, expect, it } from "vitest";
import {
  ago,
  ahead,
  city,
  day,
  dayAndTime,
  dayKey,
  dayName,
  days,
  money,
  moneyColumn,
  month,
  number,
  offset,
  plural,
  timeOfDay,
  timeWithSeconds,
  wallTime,
  wallTimeParts,
} from "../src/lib/format";

const HOUR = 3_600_000;

describe("money", () => {
  it("shows tenths of a cent where cents would lie", () => {
    expect(money(15_000)).toBe("$0.015");
    expect(money(200_000)).toBe("$0.20");
    expect(money(4_500_000)).toBe("$4.50");
    expect(money(13_025_000)).toBe("$13.03");
    expect(money(0)).toBe("$0.00");
  });
});

it("amounts below each other are written to the same place", () => {
  expect(moneyColumn([1_645_000, 1_660_000])).toEqual(["$1.645", "$1.660"]);
  expect(moneyColumn([13_025_000, 200_000])).toEqual(["$13.03", "$0.20"]);
  expect(moneyColumn([])).toEqual([]);
});

describe("spans of time", () => {
  it("are coarse, and never negative", () => {
    expect(ago(0, 2000)).toBe("just now");
    expect(ago(0, 14_000)).toBe("14 s ago");
    expect(ago(0, 200_000)).toBe("3 min ago");
    expect(ago(0, 3 * 24 * HOUR)).toBe("3 d ago");
    expect(ago(5000, 0)).toBe("just now");
    expect(ahead(90_000, 0)).toBe("in 1 min");
    expect(ahead(4_800_000, 0)).toBe("in 1 h 20 min");
    expect(ahead(0, 1)).toBe("due");
  });
});

describe("days", () => {
  it("are named from today, and carry the year when it is another one", () => {
    expect(dayName("2027-03-01", "2027-03-01")).toBe("Today, Mon 1 Mar");
    expect(dayName("2027-03-02", "2027-03-01")).toBe("Tomorrow, Tue 2 Mar");
    expect(dayName("2027-03-12", "2027-03-01")).toBe("Fri 12 Mar");
    expect(dayName("2028-01-01", "2027-12-30")).toBe("Sat 1 Jan 2028");
    expect(dayName("2028-01-01", "2027-12-31")).toBe("Tomorrow, Sat 1 Jan");
  });

  it("of a span are two, or the one", () => {
    const first = Date.UTC(2027, 2, 12, 10);
    const last = Date.UTC(2028, 3, 4, 10);
    expect(days(first, last, "UTC", first)).toBe("Fri 12 Mar – Tue 4 Apr 2028");
    expect(days(first, first + HOUR, "UTC", first)).toBe("Fri 12 Mar");
  });
});

describe("an instant", () => {
  // Ten minutes to midnight in UTC, on the last day of a month.
  const at = Date.UTC(2027, 1, 28, 23, 50, 7);

  it("has the day and the time of the zone that it is shown in", () => {
    expect([dayKey(at, "UTC"), timeOfDay(at, "UTC")]).toEqual(["2027-02-28", "23:50"]);
    expect([dayKey(at, "Asia/Kolkata"), timeOfDay(at, "Asia/Kolkata")]).toEqual([
      "2027-03-01",
      "05:20",
    ]);
    expect(timeWithSeconds(at, "America/New_York")).toBe("18:50:07");
    expect([month(at, "UTC"), month(at, "Asia/Kolkata")]).toEqual(["Feb", "Mar"]);
    expect(day(at, "Asia/Kolkata", at)).toBe("Mon 1 Mar");
    expect(dayAndTime(at, "Asia/Kolkata", Date.UTC(2026, 5, 1))).toBe("Mon 1 Mar 2027, 05:20");
  });

  it("at midnight is hour 00, never 24", () => {
    expect(timeOfDay(Date.UTC(2027, 0, 1), "UTC")).toBe("00:00");
  });

  it("follows the clocks when they change", () => {
    const spring = Date.UTC(2027, 2, 28, 0, 59);
    expect(timeOfDay(spring, "Europe/Berlin")).toBe("01:59");
    expect(timeOfDay(spring + 60_000, "Europe/Berlin")).toBe("03:00");
    expect(offset(spring, "Europe/Berlin")).toBe("UTC+1");
    expect(offset(spring + 60_000, "Europe/Berlin")).toBe("UTC+2");
    expect(offset(spring, "Asia/Kolkata")).toBe("UTC+5:30");
  });

  it("in a zone that this web engine does not know is shown in UTC, and says so", () => {
    expect(timeOfDay(at, "Mars/Olympus_Mons")).toBe("23:50 UTC");
    expect(dayKey(at, "Mars/Olympus_Mons")).toBe("2027-02-28");
  });
});

it("a wall time is read with a space or a T, with seconds or without", () => {
  expect(wallTimeParts("2027-03-01 00:20")).toEqual(["2027-03-01", "00:20"]);
  expect(wallTimeParts("2027-03-01T00:20:30")).toEqual(["2027-03-01", "00:20"]);
  expect(wallTime("2027-03-01 00:20", "2027-02-01")).toBe("Mon 1 Mar, 00:20");
  expect(wallTime("2027-03-01 00:20", "2026-02-01")).toBe("Mon 1 Mar 2027, 00:20");
});

it("numbers have their thousands apart, and one is singular", () => {
  expect(number(12_000)).toBe("12,000");
  expect(plural(1, "post")).toBe("1 post");
  expect(plural(12_000, "post")).toBe("12,000 posts");
});

it("a zone is called by its city", () => {
  expect(city("America/Argentina/Buenos_Aires")).toBe("Buenos Aires");
});
