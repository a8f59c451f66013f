import { describe, expect, it } from "vitest";
import { lay } from "../src/lib/calendar/lanes";
import { instantOf, moved, placeOf, snapped, wallIn } from "../src/lib/calendar/place";
import { mondayOf, plusDays, plusMinutes } from "../src/lib/wall";

describe("a place in the calendar", () => {
  it("and its instant lead to each other, in every zone and hour", () => {
    for (const zone of ["UTC", "Asia/Kolkata", "America/New_York", "Europe/Berlin"]) {
      for (let hour = 0; hour < 24; hour += 1) {
        const place = { day: "2027-03-12", minute: hour * 60 + 15 };
        expect(placeOf(instantOf(place, zone), zone)).toEqual(place);
      }
    }
  });

  it("that the clocks skip lies behind the gap", () => {
    const at = instantOf({ day: "2027-03-28", minute: 150 }, "Europe/Berlin");
    expect(wallIn(at, "Europe/Berlin")).toBe("2027-03-28 03:30");
    expect(wallIn(at, "UTC")).toBe("2027-03-28 01:30");
  });

  it("moves over midnight, and snaps to its step within the day", () => {
    expect(moved({ day: "2027-03-31", minute: 1435 }, 15)).toEqual({
      day: "2027-04-01",
      minute: 10,
    });
    expect(moved({ day: "2027-03-01", minute: 0 }, -15)).toEqual({
      day: "2027-02-28",
      minute: 1425,
    });
    expect([snapped(7, 15), snapped(8, 15), snapped(-20, 15), snapped(1439, 15)]).toEqual([
      0, 15, 0, 1425,
    ]);
  });

  it("days and minutes are counted on the wall", () => {
    expect(plusMinutes("2027-02-28 23:50", 15)).toBe("2027-03-01 00:05");
    expect(plusDays("2028-02-28", 1)).toBe("2028-02-29");
    expect(["2027-03-01", "2027-03-07"].map(mondayOf)).toEqual(["2027-03-01", "2027-03-01"]);
  });
});

describe("posts that are close", () => {
  const at = (...minutes: number[]) => minutes.map((minute) => ({ minute }));

  it("stand beside each other, and alone where they are not", () => {
    const laid = lay(at(60, 70, 300), 30, 3);
    expect(laid.map(({ kind, lane, lanes }) => [kind, lane, lanes])).toEqual([
      ["one", 0, 2],
      ["one", 1, 2],
      ["one", 0, 1],
    ]);
  });

  it("and too many are counted: none lies over another, and none is lost", () => {
    const laid = lay(at(...Array.from({ length: 40 }, (_, index) => 600 + index)), 30, 3);
    const shown = laid.flatMap((place) => (place.kind === "one" ? [place.item] : place.items));
    expect(shown).toHaveLength(40);
    for (const one of laid)
      for (const other of laid)
        if (one !== other && one.lane === other.lane)
          expect(Math.abs(one.minute - other.minute)).toBeGreaterThanOrEqual(30);
  });

  it("ten thousand are laid out within a frame or two", () => {
    const many = at(...Array.from({ length: 10_000 }, (_, index) => (index * 37) % 1440));
    const began = performance.now();
    lay(many, 30, 3);
    expect(performance.now() - began).toBeLessThan(500);
  });
});
