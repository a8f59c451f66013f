import { render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import ZoneBox from "../src/components/ZoneBox.svelte";
import { end, start, until } from "./world";

beforeAll(() => start([]));
afterAll(end);

it("a zone is found by its city and picked with the keyboard", async () => {
  const onpick = vi.fn();
  render(ZoneBox, { value: "Asia/Kolkata", onpick });
  const box = screen.getByRole("combobox", { name: "Time zone" });
  await userEvent.type(box, "{Control>}a{/Control}new y");
  await until(() => {
    expect(screen.getAllByRole("option").map((option) => option.textContent.trim())).toEqual([
      "America/New York",
    ]);
  });
  await userEvent.keyboard("{Enter}");
  expect(onpick).toHaveBeenCalledWith("America/New_York");
});
