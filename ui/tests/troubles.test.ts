import { fireEvent, render, screen, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import Troubles from "../src/components/Troubles.svelte";
import { onKey } from "../src/lib/keys";
import type { Account } from "../src/lib/ipc";
import { app } from "../src/lib/state/app.svelte";
import { toast } from "../src/lib/state/toast.svelte";
import { overview } from "./fixtures";

const { shell } = await vi.hoisted(async () => {
  const { spiedShell } = await import("./ipc");
  return { shell: spiedShell() };
});
vi.mock("../src/lib/ipc", async () => (await import("./ipc")).ipcWith(shell));

const ada: Account = {
  xUserId: "1",
  username: "ada",
  name: "Ada",
  health: "disconnected",
  message: "X no longer accepts the sign-in.",
  pending: 3,
};

beforeEach(() => {
  app.overview = overview({ accounts: [ada] });
  // What was done is followed by a fresh look.
  shell.overview.mockResolvedValue(overview({ accounts: [ada] }));
});

afterEach(() => {
  app.cancelOf = null;
  toast.dismiss();
  vi.clearAllMocks();
});

it("an account that is well, and a Roost without trouble, say nothing", () => {
  app.overview = overview({ accounts: [{ ...ada, health: "connected", message: null }] });
  const { container } = render(Troubles);
  expect(container.textContent.trim()).toBe("");
});

it("what only the person can end is said", () => {
  app.overview = overview({ trouble: "The system's keyring is locked. Unlock it." });
  render(Troubles);
  expect(screen.getByRole("alert").textContent).toContain("keyring is locked");
});

it("a signed-out account's posts are cancelled only after the person was told how many", async () => {
  render(Troubles);
  expect(screen.getByRole("status").textContent).toContain("Its 3 posts wait.");
  await userEvent.tab();
  expect(document.activeElement?.textContent).toContain("Cancel its 3 posts…");
  await userEvent.keyboard("{Enter}");
  const sheet = screen.getByRole("dialog");
  expect(sheet.textContent).toContain("Cancel 3 posts of @ada?");
  expect(sheet.textContent).toContain("each can be scheduled again");
  expect(shell.cancelAccount).not.toHaveBeenCalled();
  await userEvent.click(within(sheet).getByRole("button", { name: "Cancel 3 posts" }));
  expect(shell.cancelAccount).toHaveBeenCalledWith("1");
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(toast.current?.text).toContain("3 posts cancelled");
});

it("Escape and Keep waiting cancel nothing", async () => {
  render(Troubles);
  window.addEventListener("keydown", onKey);
  const offer = screen.getByRole("button", { name: /Cancel its 3 posts/ });
  await userEvent.click(offer);
  await fireEvent.keyDown(window, { key: "Escape" });
  expect(screen.queryByRole("dialog")).toBeNull();
  await userEvent.click(offer);
  await userEvent.click(screen.getByRole("button", { name: "Keep waiting" }));
  expect(screen.queryByRole("dialog")).toBeNull();
  window.removeEventListener("keydown", onKey);
  expect(shell.cancelAccount).not.toHaveBeenCalled();
});

it("what was not cancelled is said", async () => {
  shell.cancelAccount.mockResolvedValueOnce({ cancelled: 1, cancelling: 1, tooLate: 1 });
  render(Troubles);
  await userEvent.click(screen.getByRole("button", { name: /Cancel its 3 posts/ }));
  await userEvent.click(screen.getByRole("button", { name: "Cancel 3 posts" }));
  expect(toast.current?.text).toContain("Cancelling 2 posts");
  expect(toast.current?.text).toContain("1 post came too late");
  shell.cancelAccount.mockRejectedValueOnce(new Error("The disk is full."));
  await userEvent.click(screen.getByRole("button", { name: /Cancel its 3 posts/ }));
  await userEvent.click(screen.getByRole("button", { name: "Cancel 3 posts" }));
  expect(toast.current).toMatchObject({ text: "The disk is full.", tone: "error" });
});
