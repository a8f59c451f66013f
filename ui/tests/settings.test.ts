import { render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import SettingsSheet from "../src/components/SettingsSheet.svelte";

const { shell } = await vi.hoisted(async () => {
  const { spiedShell } = await import("./ipc");
  return { shell: spiedShell() };
});
vi.mock("../src/lib/ipc", async () => (await import("./ipc")).ipcWith(shell));

const NOTHING = { zone: null, lateMinutes: null, whenDisconnected: null };

afterEach(() => {
  vi.clearAllMocks();
});

it("what becomes of a signed-out account's posts is shown, and changed at once", async () => {
  render(SettingsSheet);
  const hold = await screen.findByRole<HTMLInputElement>("radio", { name: /waiting/ });
  const cancel = screen.getByRole<HTMLInputElement>("radio", { name: /Cancel/ });
  expect([hold.checked, cancel.checked]).toEqual([true, false]);
  await userEvent.click(cancel);
  expect(shell.prefer).toHaveBeenCalledWith({ ...NOTHING, whenDisconnected: "cancel" });
  expect([hold.checked, cancel.checked]).toEqual([false, true]);
});

it("how late a post may be is asked for in whole minutes", async () => {
  render(SettingsSheet);
  const minutes = await screen.findByRole<HTMLInputElement>("spinbutton");
  expect(minutes.value).toBe("30");
  await userEvent.clear(minutes);
  await userEvent.type(minutes, "99999");
  await userEvent.tab();
  expect(shell.prefer).not.toHaveBeenCalled();
  expect(screen.getByRole("alert").textContent).toContain("whole number");
  await userEvent.clear(minutes);
  await userEvent.type(minutes, "45");
  await userEvent.tab();
  expect(shell.prefer).toHaveBeenCalledWith({ ...NOTHING, lateMinutes: 45 });
});

it("a refusal is shown and nothing is lost", async () => {
  shell.prefer.mockRejectedValueOnce(new Error("The disk is full."));
  render(SettingsSheet);
  await userEvent.click(await screen.findByRole("radio", { name: /Cancel/ }));
  expect((await screen.findByRole("alert")).textContent).toContain("The disk is full.");
});
