import { expect, it } from "vitest";
import { LruCache } from "../src/lib/lru";

it("a cache keeps so many things, and forgets what was not used for longest", () => {
  const cache = new LruCache<string, number>(3);
  for (const [index, key] of ["a", "b", "c"].entries()) cache.set(key, index);
  expect(cache.get("a")).toBe(0);
  cache.set("d", 3);
  expect([cache.get("a"), cache.get("b"), cache.get("c"), cache.get("d")]).toEqual([
    0,
    undefined,
    2,
    3,
  ]);
  for (let index = 0; index < 10_000; index += 1) cache.set(`key ${index}`, index);
  expect([cache.size, cache.get("key 9999")]).toEqual([3, 9999]);
  cache.set("key 9999", 1);
  expect([cache.size, cache.get("key 9999")]).toEqual([3, 1]);
  cache.delete("key 9999");
  expect([cache.size, cache.get("key 9999")]).toEqual([2, undefined]);
});
