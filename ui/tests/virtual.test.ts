import { expect, it } from "vitest";
import type { PostRow } from "../src/lib/ipc";
import { DAY, ROW, dayInView, heightOf, layOut, linesInView } from "../src/lib/virtual";
import { row } from "./rows";

const dayOf = (each: PostRow) => each.text;

/** Returns rows of one day each, numbered. */
const rows = (days: string[]) => days.map((text, index) => row({ id: `post ${index}`, text }));

it("each day has one header, with its number of posts", () => {
  const lines = layOut(rows(["1", "1", "2"]), dayOf, true);
  expect(lines.map((line) => (line.kind === "day" ? `${line.day}: ${line.posts}` : "row"))).toEqual(
    ["1: 2", "row", "row", "2: 1", "row"],
  );
  expect(heightOf(lines)).toBe(2 * DAY + 3 * ROW);
});

it("a last day that may go on has no number", () => {
  const lines = layOut(rows(["1", "2"]), dayOf, false);
  const counts = lines.flatMap((line) => (line.kind === "day" ? [line.posts] : []));
  expect(counts).toEqual([1, null]);
});

it("ten thousand rows draw only what is in view", () => {
  const many = Array.from({ length: 10_000 }, (_, index) => row({ id: `${index}` }));
  const lines = layOut(many, dayOf, true);
  const shown = linesInView(lines, 200_000, 700);
  expect(shown.length).toBeLessThan(40);
  const first = shown[0];
  expect(first && first.top).toBeLessThanOrEqual(200_000);
});

it("the header that sticks is the one of the first row in view", () => {
  const lines = layOut(rows(["1", "1", "2", "2"]), dayOf, true);
  expect(dayInView(lines, 0)?.day).toBe("1");
  expect(dayInView(lines, DAY + 2 * ROW - 1)?.day).toBe("1");
  expect(dayInView(lines, DAY + 2 * ROW + 1)?.day).toBe("2");
  expect(dayInView([], 0)).toBeNull();
});
