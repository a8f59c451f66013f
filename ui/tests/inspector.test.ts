import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, it, vi } from "vitest";
import Inspector from "../src/components/Inspector.svelte";
import { clock } from "../src/lib/state/clock.svelte";
import { detail, row, saved } from "./fixtures";

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

it("shows a change that came too late beside what went out, posts it too or replaces it, at its price", async () => {
  shell.postToo.mockResolvedValue(saved({ status: "pending" }));
  const lateEdit = {
    meant: ["the new words"],
    sent: ["the old words"],
    movedTo: null,
    account: null,
    draft: "01900000-0000-7000-8000-000000000002",
    draftStatus: "draft" as const,
    replacing: false,
    postTooCost: 15_000,
    replaceCost: 25_000,
  };
  const posted = row({ status: "posted", text: "the old words" });
  render(Inspector, {
    detail: detail({ row: posted, lateEdit, actions: ["post_too", "replace"] }),
  });
  expect(screen.getByText("Your change came too late")).toBeTruthy();
  expect(screen.getByText("the new words")).toBeTruthy();
  expect(screen.getAllByText("the old words").length).toBeGreaterThan(0);
  const button = screen.getByRole("button", { name: /Post this too/ });
  expect(button.textContent).toContain("$0.015");
  await fireEvent.click(button);
  expect(shell.postToo).toHaveBeenCalledWith(posted.id);
  const replace = screen.getByRole("button", { name: /Replace on X/ });
  expect(replace.textContent).toContain("$0.025");
  await fireEvent.click(replace);
  expect(shell.replace).toHaveBeenCalledWith(posted.id);
});

it("names the parts of a thread that are on X", () => {
  const live = [
    {
      part: 1,
      tweetId: "1900000000000000001",
      url: "https://x.com/roost/status/1900000000000000001",
    },
    {
      part: 2,
      tweetId: "1900000000000000002",
      url: "https://x.com/roost/status/1900000000000000002",
    },
  ];
  render(Inspector, { detail: detail({ row: row({ status: "partial", parts: 3 }), live }) });
  expect(screen.getByText("Part 2")).toBeTruthy();
  expect(screen.getByText("1900000000000000002")).toBeTruthy();
});

it("says when a step was told that happened long before", () => {
  const line = { at: 0, time: "09:00:02", kind: "posted", title: "X accepted it", detail: null };
  render(Inspector, { detail: detail({ receipt: [{ ...line, told: "17:30:00" }] }) });
  expect(screen.getByText("told at 17:30:00")).toBeTruthy();
});
