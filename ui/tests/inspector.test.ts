import { render, screen } from "@testing-library/svelte";
import { expect, it, vi } from "vitest";
import Inspector from "../src/components/Inspector.svelte";
import { clock } from "../src/lib/state/clock.svelte";
import { detail, row } from "./fixtures";

const { shell } = await vi.hoisted(async () => {
  const { spiedShell } = await import("./ipc");
  return { shell: spiedShell() };
});
vi.mock("../src/lib/ipc", async () => (await import("./ipc")).ipcWith(shell));

it("tells when a post goes out, and of a cancelled one only what was planned", async () => {
  clock.now = 0;
  const at = 58 * 60_000;
  const { rerender } = render(Inspector, { detail: detail({ row: row({ at }) }) });
  expect(screen.getByText("Goes out")).toBeTruthy();
  expect(screen.getByText("in 58 min")).toBeTruthy();
  await rerender({ detail: detail({ row: row({ at, status: "cancelled" }) }) });
  expect(screen.getByText("Planned")).toBeTruthy();
  expect(screen.queryByText("in 58 min")).toBeNull();
});
