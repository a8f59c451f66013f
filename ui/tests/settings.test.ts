import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import SettingsSheet from "../src/components/SettingsSheet.svelte";
import { api } from "../src/lib/ipc";
import { timeOf } from "../src/lib/weekly-times";
import { violations } from "./axe";
import { cut, pickFolder } from "./host";
import { account, end, start, until } from "./world";

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
  const minutes = await screen.findByLabelText<HTMLInputElement>(/could not be handed over/);
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

it("prices are shown in dollars, kept to the letter, and what they price follows", async () => {
  render(SettingsSheet);
  const plain = await screen.findByLabelText<HTMLInputElement>("A post");
  const linked = screen.getByLabelText<HTMLInputElement>("A post with a link");
  expect([plain.value, linked.value]).toEqual(["0.015", "0.2"]);
  await userEvent.clear(plain);
  await userEvent.type(plain, "0.0125");
  await userEvent.tab();
  await until(async () => {
    expect((await api.get_settings()).prices).toMatchObject({
      plain_micros: 12_500,
      with_link_micros: 200_000,
    });
  });
  expect((await api.count_text({ parts: ["Hello"] })).cost_micros).toBe(12_500);
  await userEvent.clear(plain);
  await userEvent.type(plain, "-1");
  await userEvent.tab();
  expect(screen.getByRole("alert").textContent).toContain("dollars");
  expect((await api.get_settings()).prices.plain_micros).toBe(12_500);
});

it("how close posts may be is asked for in minutes, and 0 is none", async () => {
  render(SettingsSheet);
  const minutes = await screen.findByLabelText<HTMLInputElement>("Posts close to each other");
  expect(minutes.value).toBe("5");
  await userEvent.clear(minutes);
  await userEvent.type(minutes, "0");
  await userEvent.tab();
  await until(async () => {
    expect((await api.get_settings()).collision_minutes).toBe(0);
  });
  expect(await violations()).toEqual([]);
});

it("posting times are added, copied to Friday and removed, and the next free ones are shown", async () => {
  const { x_user_id } = account("ada");
  const slots = async () => (await api.get_slots({ x_user_id })).text;
  render(SettingsSheet);
  const monday = await screen.findByLabelText<HTMLInputElement>("New time on Monday");
  for (const time of ["18:30", "09:00"]) {
    await fireEvent.input(monday, { target: { value: time } });
    await userEvent.click(screen.getByRole("button", { name: "Add a time on Monday" }));
    await screen.findByRole("button", { name: `Remove Monday ${time}` });
  }
  const times = within(screen.getByRole("list", { name: "Monday" })).getAllByRole("listitem");
  expect(times.map((time) => time.textContent?.trim())).toEqual(["09:00", "18:30"]);
  await userEvent.click(screen.getByRole("button", { name: "Copy Monday to Friday" }));
  await until(async () => {
    expect(await slots()).toBe("Mon-Fri 9:00, 18:30");
  });
  const free = (await api.get_slots({ x_user_id })).next_free;
  expect(free).toHaveLength(3);
  await until(() => {
    const shown = document.querySelector("[data-next-free]")?.textContent ?? "";
    expect(shown.split("·")).toHaveLength(3);
  });
  expect(await violations()).toEqual([]);

  const gone = await screen.findByRole("button", { name: "Remove Tuesday 09:00" });
  gone.focus();
  await userEvent.keyboard("{Enter}");
  await until(() => {
    expect(document.activeElement?.getAttribute("aria-label")).toBe("New time on Tuesday");
  });
  expect(await slots()).toBe("Mon, Wed-Fri 9:00, 18:30; Tue 18:30");
});

it("posting times stand on the clocks of the account's own zone", async () => {
  const { x_user_id } = account("ada");
  render(SettingsSheet);
  const zones = await until(() => {
    const boxes = screen.getAllByRole<HTMLInputElement>("combobox", { name: "Time zone" });
    expect(boxes).toHaveLength(2);
    return boxes;
  });
  const [, zone] = zones;
  if (zone === undefined) throw new Error("no zone of the account");
  await userEvent.clear(zone);
  await userEvent.type(zone, "Kolkata{Enter}");
  await until(async () => {
    expect((await api.get_slots({ x_user_id })).zone).toBe("Asia/Kolkata");
  });
});

it("a folder is watched once it is chosen, and one that can't be is refused", async () => {
  const folder = mkdtempSync(join(tmpdir(), "roost-watched-"));
  render(SettingsSheet);
  const choose = await screen.findByRole("button", { name: "Choose…" });
  pickFolder.mockResolvedValueOnce("/there/is no such/folder");
  await userEvent.click(choose);
  expect((await screen.findByRole("alert")).textContent).toContain("can't be watched");
  pickFolder.mockResolvedValueOnce(folder);
  await userEvent.click(choose);
  const stop = await screen.findByRole("button", { name: "Stop watching" });
  expect((await api.get_settings()).watched_folder).toBe(folder);
  await userEvent.click(stop);
  await until(async () => {
    expect((await api.get_settings()).watched_folder).toBe(null);
  });
  rmSync(folder, { recursive: true });
});

it("a search leaves the sections that say what is searched for", async () => {
  render(SettingsSheet);
  const search = await screen.findByRole<HTMLInputElement>("searchbox");
  await screen.findByLabelText("A post");
  await userEvent.type(search, "budget");
  const shown = () =>
    [...document.querySelectorAll<HTMLElement>("[data-settings]")]
      .filter(({ hidden }) => !hidden)
      .map(({ dataset }) => dataset.settings);
  await until(() => expect(shown()).toEqual(["costs"]));
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Relay" }).disabled).toBe(true);
  await userEvent.clear(search);
  await userEvent.type(search, "nothing of that kind");
  await screen.findByText(/No setting says/);
  expect(await violations()).toEqual([]);
});

it("each kind of notice is told as the person says", async () => {
  render(SettingsSheet);
  const missed = await screen.findByRole("group", { name: "Missed" });
  const choice = (name: string) => within(missed).getByRole("radio", { name });
  expect(choice("And by the system").getAttribute("aria-checked")).toBe("true");
  await userEvent.click(choice("In Roost"));
  await until(async () => {
    expect((await api.get_settings()).notices).toMatchObject({
      missed: "in_app",
      failed: "system",
    });
  });
});

it("theme and density are chosen, kept and put on the page", async () => {
  render(SettingsSheet);
  await userEvent.click(await screen.findByRole("radio", { name: "High contrast" }));
  expect(document.documentElement.dataset.theme).toBe("contrast");
  expect(localStorage.getItem("roost.theme")).toBe("contrast");
  await userEvent.click(screen.getByRole("radio", { name: "Compact" }));
  expect(document.documentElement.dataset.density).toBe("compact");
  await userEvent.click(screen.getByRole("radio", { name: "Comfortable" }));
  await userEvent.click(screen.getByRole("radio", { name: "As the system" }));
});

it("the horizon, a budget and backups are set, made and listed", async () => {
  render(SettingsSheet);
  const windows = await screen.findByLabelText<HTMLInputElement>(/How far ahead/);
  await userEvent.clear(windows);
  await userEvent.type(windows, "99");
  await userEvent.tab();
  expect(screen.getByRole("alert").textContent).toContain("from 1 to 28");
  await userEvent.clear(windows);
  await userEvent.type(windows, "6");
  await userEvent.tab();
  await until(async () => expect((await api.get_settings()).horizon_windows).toBe(6));

  const budget = screen.getByLabelText<HTMLInputElement>("A month’s budget");
  await userEvent.type(budget, "12.50");
  await userEvent.tab();
  await until(async () => {
    expect((await api.get_settings()).month_budget_micros).toBe(12_500_000);
  });
  await until(() => expect(budget.value).toBe("12.5"));
  await userEvent.clear(budget);
  await userEvent.tab();
  await until(async () => expect((await api.get_settings()).month_budget_micros).toBeNull());

  const made = (await api.list_backups()).backups.length;
  await userEvent.click(screen.getByRole("button", { name: "Back up now" }));
  await until(() => expect(document.querySelector(`[data-backups="${made + 1}"]`)).not.toBeNull());
});

it("what is typed stays while an earlier change is saved, and changes are saved in their order", async () => {
  render(SettingsSheet);
  const budget = await screen.findByLabelText<HTMLInputElement>("A month’s budget");
  // Both changes are under way before the first one is answered.
  await fireEvent.input(budget, { target: { value: "10" } });
  await fireEvent.change(budget);
  await fireEvent.input(budget, { target: { value: "20" } });
  await fireEvent.change(budget);
  await fireEvent.input(budget, { target: { value: "205" } });
  await until(async () => {
    expect((await api.get_settings()).month_budget_micros).toBe(20_000_000);
  });
  expect(budget.value).toBe("205");
  await fireEvent.change(budget);
  await until(async () => {
    expect((await api.get_settings()).month_budget_micros).toBe(205_000_000);
  });
  expect(budget.value).toBe("205");
  await api.change_settings({ month_budget_micros: 0 });
});

it("a posting time is read as people write it, and what is none is said", async () => {
  expect(
    ["9", "9:30", "0930", "18.05", "6 pm", "12am", "24:00", "9:3", "noon"].map(timeOf),
  ).toEqual([
    { hour: 9, minute: 0 },
    { hour: 9, minute: 30 },
    { hour: 9, minute: 30 },
    { hour: 18, minute: 5 },
    { hour: 18, minute: 0 },
    { hour: 0, minute: 0 },
    null,
    null,
    null,
  ]);
  render(SettingsSheet);
  const sunday = await screen.findByLabelText<HTMLInputElement>("New time on Sunday");
  await userEvent.type(sunday, "noonish{Enter}");
  expect((await screen.findByRole("alert")).textContent).toContain("is no time of day");
  expect(sunday.value).toBe("noonish");
});
