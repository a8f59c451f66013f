import { cleanup, render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import UpdateSettings from "../src/components/settings/UpdateSettings.svelte";
import type { UpdateStage, UpdateState } from "../src/lib/ipc";
import { updates } from "../src/lib/state/updates.svelte";
import { violations } from "./axe";
import {
  cancelUpdate,
  checkForUpdate,
  installUpdate,
  keepUpdateSource,
  onUpdateStage,
  startUpdated,
  updateState,
} from "./host";
import { until } from "./world";

const KEY = "RWTfx6pRZtSnVmUB9xT0T2cy1hcnlQnLdxZPhVgIPGPZbUNqZuCSOEn1";
const appImage: UpdateState = {
  version: "0.1.0",
  can_replace: true,
  installation: "Roost runs from /home/ada/Roost.AppImage, and can replace that file.",
  source: { address: "https://updates.example/", key: KEY, is_distributed: false },
  installed: null,
};

afterEach(() => {
  cleanup();
  updates.offer = undefined;
});

it("a program that Roost does not replace says how it is updated, and offers nothing", async () => {
  render(UpdateSettings);
  await screen.findByText(/is updated by building it again/);
  expect(screen.queryByRole("button", { name: "Check for an update" })).toBeNull();
  expect(screen.queryByLabelText("Address of updates")).toBeNull();
  expect(checkForUpdate).not.toHaveBeenCalled();
});

it("an address and a key are kept as they were entered, and nothing is asked of them", async () => {
  updateState.mockResolvedValue({ ...appImage, source: null });
  render(UpdateSettings);
  const user = userEvent.setup();
  await user.type(await screen.findByLabelText("Address of updates"), "https://updates.example/");
  await user.type(screen.getByLabelText("Public key of updates"), KEY);
  updateState.mockResolvedValue(appImage);
  await user.click(screen.getByRole("button", { name: "Keep" }));
  expect(keepUpdateSource).toHaveBeenCalledExactlyOnceWith("https://updates.example/", KEY);
  await screen.findByRole("button", { name: "Check for an update" });
  expect(checkForUpdate).not.toHaveBeenCalled();
});

it("a newer version is installed when the person says so, shows how far it is, and starts when told", async () => {
  updateState.mockResolvedValue(appImage);
  checkForUpdate.mockResolvedValueOnce({ version: "0.2.0", notes: "Posts better." });
  let installed: (version: string) => void = () => undefined;
  installUpdate.mockReturnValueOnce(new Promise((resolve) => (installed = resolve)));
  render(UpdateSettings);
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Check for an update" }));
  await screen.findByText("Roost 0.2.0 is there.");
  expect(installUpdate).not.toHaveBeenCalled();
  await user.click(screen.getByRole("button", { name: "Download and install" }));
  const tell = onUpdateStage.mock.calls[0]?.[0] as (stage: UpdateStage) => void;
  tell({ stage: "downloading", received: 5_000_000, total: 20_000_000 });
  await screen.findByText(/Downloading: 5/);
  const message = "A post is due at 09:05. Roost waits until 09:06.";
  tell({ stage: "waiting", message, until: 1_803_891_960_000 });
  await screen.findByText(/waits until 09:06/);
  expect(await violations()).toEqual([]);
  await user.click(screen.getByRole("button", { name: "Cancel the update" }));
  expect(cancelUpdate).toHaveBeenCalledOnce();
  updateState.mockResolvedValue({ ...appImage, installed: "0.2.0" });
  installed("0.2.0");
  await screen.findByText(/Roost 0.2.0 is in place/);
  expect(startUpdated).not.toHaveBeenCalled();
  await user.click(screen.getByRole("button", { name: "Start Roost again" }));
  await until(() => expect(startUpdated).toHaveBeenCalledOnce());
});

it("what keeps an update away is said where it was asked for", async () => {
  updateState.mockResolvedValue(appImage);
  checkForUpdate.mockRejectedValueOnce(new Error("The server of updates can't be reached."));
  render(UpdateSettings);
  await userEvent.click(await screen.findByRole("button", { name: "Check for an update" }));
  expect((await screen.findByRole("alert")).textContent).toContain("can't be reached");
  expect(screen.queryByRole("button", { name: "Download and install" })).toBeNull();
});
