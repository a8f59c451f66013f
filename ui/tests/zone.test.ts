import { cleanup, render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import ZoneBox from "../src/components/ZoneBox.svelte";
import { end, start, until } from "./world";

beforeAll(() => start([]));
afterAll(end);
afterEach(cleanup);

it("a zone is found by its city and picked with the keyboard", async () => {
  const onpick = vi.fn();
  render(ZoneBox, { value: "Asia/Kolkata", onpick });
  const box = screen.getByRole("combobox", { name: "Time zone" });
  await userEvent.type(box, "{Control>}a{/Control}new y");
  await until(() => {
    expect(screen.getAllByRole("option").map((option) => option.textContent.trim())).toEqual([
      expect.stringMatching(/^America\/New York \d\d:\d\d · UTC-[45]$/),
    ]);
  });
  await userEvent.keyboard("{Enter}");
  expect(onpick).toHaveBeenCalledWith("America/New_York");
});

it("a zone is found by a city that the time database has none for, and is written with blanks", async () => {
  const onpick = vi.fn();
  render(ZoneBox, { value: "America/New_York", onpick });
  const box = screen.getByRole<HTMLInputElement>("combobox", { name: "Time zone" });
  expect(box.value).toBe("America/New York");
  await userEvent.type(box, "{Control>}a{/Control}mumbai");
  await until(() => expect(screen.getByRole("option").textContent).toContain("Asia/Kolkata"));
  await userEvent.keyboard("{Enter}");
  expect(onpick).toHaveBeenCalledWith("Asia/Kolkata");
});
