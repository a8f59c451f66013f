import { expect, it } from "vitest";
import { listedAt, patched } from "../src/lib/order";
import { row } from "./rows";

const at = (id: string, scheduled_at: number, text = id) => row({ id, scheduled_at, text });
const rows = [at("a", 10), at("b", 20), at("c", 30)];
const ids = (list: { id: string }[]) => list.map(({ id }) => id).join("");

it("a changed row keeps its place while its moment does", () => {
  const next = patched(rows, new Set(["b"]), [at("b", 20, "new")], "upcoming", true);
  expect(next.map(({ text }) => text)).toEqual(["a", "new", "c"]);
  expect(next[0]).toBe(rows[0]);
});

it("a moved row goes where it belongs, a new one too, and one that left is gone", () => {
  const found = [at("a", 25), at("d", 5)];
  expect(ids(patched(rows, new Set(["a", "c", "d"]), found, "upcoming", true))).toBe("dba");
});

it("behind the last row that is loaded nothing is put, while more follow", () => {
  const found = [at("a", 99), at("d", 15)];
  expect(ids(patched(rows, new Set(["a", "d"]), found, "upcoming", false))).toBe("dbc");
  expect(ids(patched(rows, new Set(["a", "d"]), found, "upcoming", true))).toBe("dbca");
});

it("but a row of the last row's moment is put beside it", () => {
  expect(ids(patched(rows, new Set(["d"]), [at("d", 30)], "upcoming", false))).toBe("abcd");
});

it("what is posted stands newest first, by when it went out", () => {
  const out = (id: string, posted_at: number) => row({ id, scheduled_at: 0, posted_at });
  const posted = [out("c", 30), out("a", 10)];
  expect(ids(patched(posted, new Set(["b"]), [out("b", 20)], "posted", true))).toBe("cba");
});

it("a draft without a time stands where it was made, which its id tells", () => {
  const id = "01947a3c-1800-7000-8000-000000000000";
  expect(listedAt(row({ id, scheduled_at: null }))).toBe(0x01947a3c1800);
});
