import { expect, it } from "vitest";
import { coverage } from "../src/lib/coverage";
import type { Counts, SyncState } from "../src/lib/ipc";

const NOW = Date.parse("2031-03-03T09:00:00Z");
const HOUR_MS = 3_600_000;

function said(open: number, next_at: number | null): string {
  const sync = { paused: false, safe_to_close: { answer: "only_while_awake" }, next_at };
  return coverage(sync as SyncState, { open } as Counts, "UTC", NOW).text;
}

it("on this computer it says until when the computer may sleep, and what needs it then", () => {
  expect(said(0, null)).toBe("This computer may sleep: nothing is scheduled");
  expect(said(1, NOW + HOUR_MS)).toBe(
    "This computer may sleep until 10:00: 1 post goes out only while it is awake and Roost runs",
  );
  expect(said(2, NOW + 24 * HOUR_MS)).toContain("may sleep until Tue 4 Mar, 09:00: 2 posts go out");
});

it("on this computer it asks to be kept awake while a post is due", () => {
  expect(said(3, NOW)).toBe(
    "Keep this computer awake: 3 posts go out only while it is awake and Roost runs",
  );
});
