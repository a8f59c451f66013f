import { describe, expect, it } from "vitest";
import { ago, ahead, city, dayName, money, plural } from "../src/lib/format";

describe("money", () => {
  it("shows tenths of a cent where cents would lie", () => {
    expect(money(15_000)).toBe("$0.015");
    expect(money(200_000)).toBe("$0.20");
    expect(money(4_500_000)).toBe("$4.50");
    expect(money(13_025_000)).toBe("$13.03");
    expect(money(0)).toBe("$0.00");
  });
});

describe("spans of time", () => {
  it("are coarse, and never negative", () => {
    expect(ago(0, 2000)).toBe("just now");
    expect(ago(0, 14_000)).toBe("14 s ago");
    expect(ago(0, 200_000)).toBe("3 min ago");
    expect(ago(0, 3 * 86_400_000)).toBe("3 d ago");
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
});

it("one is singular", () => {
  expect(plural(1, "post")).toBe("1 post");
  expect(plural(12_000, "post")).toBe("12,000 posts");
});

it("a zone is called by its city", () => {
  expect(city("America/Argentina/Buenos_Aires")).toBe("Buenos Aires");
});
