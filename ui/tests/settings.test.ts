import { cleanup, render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import SettingsSheet from "../src/components/SettingsSheet.svelte";
import { api } from "../src/lib/ipc";
import { cut } from "./host";
import { end, start, until } from "./world";

beforeAll(() => start(["ada"]));
afterAll(end);
afterEach(() => {
  cut(false);
  cleanup();
});

it("what becomes of a signed-out account's posts is shown, and changed at once", async () => {
  render(SettingsSheet);
  const hold = await screen.findByRole<HTMLInputElement>("radio", { name: /waiting/ });
  const cancel = screen.getByRole<HTMLInputElement>("radio", { name: /Cancel/ });
  expect([hold.checked, cancel.checked]).toEqual([true, false]);
  await userEvent.click(cancel);
  await until(async () => {
    expect((await api.get_settings()).when_disconnected).toBe("cancel");
  });
  expect([hold.checked, cancel.checked]).toEqual([false, true]);
});

it("how late a post may be is asked for in whole minutes", async () => {
  const before = (await api.get_settings()).late;
  render(SettingsSheet);
  const minutes = await screen.findByRole<HTMLInputElement>("spinbutton");
  await userEvent.clear(minutes);
  await userEvent.type(minutes, "99999");
  await userEvent.tab();
  expect(screen.getByRole("alert").textContent).toContain("whole number");
  expect((await api.get_settings()).late).toEqual(before);
  await userEvent.clear(minutes);
  await userEvent.type(minutes, "45");
  await userEvent.tab();
  await until(async () => {
    expect((await api.get_settings()).late).toEqual({ ...before, post_within_minutes: 45 });
  });
});

it("a refusal is shown and nothing is lost", async () => {
  render(SettingsSheet);
  const hold = await screen.findByRole("radio", { name: /waiting/ });
  cut(true);
  await userEvent.click(hold);
  expect((await screen.findByRole("alert")).textContent).toContain("can't be reached");
  cut(false);
  expect((await api.get_settings()).when_disconnected).toBe("cancel");
});
