import { expect, it } from "vitest";
import { bundleSizes, overBudget } from "../bundle-budget";
import type { BuiltFile } from "../bundle-budget";

const file = (bytes: number, imports: string[] = [], isEntry = false): BuiltFile => ({
  bytes,
  isEntry,
  imports,
});

it("the first view is the entry with all that it imports, and what is loaded later is not", () => {
  const files = new Map([
    ["entry.js", file(10, ["state.js", "entry.css"], true)],
    ["state.js", file(20, ["svelte.js"])],
    ["svelte.js", file(30, ["state.js"])],
    ["entry.css", file(5)],
    ["composer.js", file(400, ["state.js"])],
  ]);
  expect(bundleSizes(files)).toEqual({ whole: 465, firstView: 65 });
});

it("a build over either budget is refused with its size", () => {
  expect(overBudget({ whole: 250_000, firstView: 130_000 })).toBeNull();
  expect(overBudget({ whole: 250_000, firstView: 130_001 })).toContain("130001 bytes of 130000");
  expect(overBudget({ whole: 250_001, firstView: 1 })).toContain("the whole window has 250001");
});
