import { cleanup, render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import SettingsSheet from "../src/components/SettingsSheet.svelte";
import { app } from "../src/lib/state/app.svelte";
import { takeStep } from "../src/lib/steps";
import { violations } from "./axe";
import { canMoveIn, moveIn, moveOut, pickMove, pickPlace, startAgain } from "./host";
import { end, start } from "./world";

beforeAll(() => start(["ada"]));
afterAll(end);
afterEach(() => {
  cleanup();
  app.settingsOpen = false;
});

it("a passphrase is typed twice before everything is put into the file that the person names", async () => {
  pickPlace.mockResolvedValue("/media/stick/roost.move");
  render(SettingsSheet);
  const user = userEvent.setup();
  const button = await screen.findByRole("button", { name: "Move everything…" });
  await user.type(screen.getByLabelText("Passphrase"), "four words in a row");
  await user.type(screen.getByLabelText("The passphrase once more"), "four words in a raw");
  await user.click(button);
  expect((await screen.findByRole("alert")).textContent).toContain("not the same");
  expect(moveOut).not.toHaveBeenCalled();
  await user.clear(screen.getByLabelText("The passphrase once more"));
  await user.type(screen.getByLabelText("The passphrase once more"), "four words in a row");
  await user.click(button);
  expect(moveOut).toHaveBeenCalledExactlyOnceWith("/media/stick/roost.move", "four words in a row");
  expect(screen.getByLabelText("Passphrase")).toHaveProperty("value", "");
  expect(await violations()).toEqual([]);
});

it("posts of another computer are taken in only where nothing was begun", async () => {
  render(SettingsSheet);
  await screen.findByRole("button", { name: "Move everything…" });
  expect(screen.queryByRole("button", { name: "Choose the file…" })).toBeNull();
  cleanup();
  canMoveIn.mockResolvedValueOnce(true);
  pickMove.mockResolvedValue("/media/stick/roost.move");
  render(SettingsSheet);
  const user = userEvent.setup();
  await user.type(await screen.findByLabelText("Passphrase of the file"), "four words in a row");
  await user.click(screen.getByRole("button", { name: "Choose the file…" }));
  expect(moveIn).toHaveBeenCalledExactlyOnceWith(
    "/media/stick/roost.move",
    "four words in a row",
    false,
  );
  expect(startAgain).toHaveBeenCalledOnce();
});

it("the way back is asked for where its risk is said", async () => {
  await takeStep({ step: "come_back" });
  expect(app.settingsOpen).toBe(true);
  expect(app.settingsAt).toBe("move");
});
