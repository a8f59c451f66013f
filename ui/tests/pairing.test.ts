import { cleanup, render, screen, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import PairDialog from "../src/components/PairDialog.svelte";
import SettingsSheet from "../src/components/SettingsSheet.svelte";
import { app } from "../src/lib/state/app.svelte";
import { followOpenedLink } from "../src/lib/links";
import { pairing } from "../src/lib/state/pairing.svelte";
import { takeStep } from "../src/lib/steps";
import { violations } from "./axe";
import { describePairingLink, openedLink, pair, pairingState, startAgain, unpair } from "./host";
import { end, start } from "./world";

const LINK = "roost://pair?relay=https%3A%2F%2Frelay.example.org&code=pc_1";
const OFFER = {
  host: "relay.example.org",
  fingerprint: "4F2A 91BC 0D3E 77A1",
  certificate: null,
  computer_name: "laptop",
  replaces: null,
  posts_there: 0,
};

beforeAll(() => start(["ada"]));
afterAll(end);
beforeEach(() => {
  describePairingLink.mockReset().mockResolvedValue(OFFER);
  pair.mockReset().mockResolvedValue({
    relay: "https://relay.example.org",
    key_in_file: false,
    needs_qstash_token: false,
  });
});
afterEach(() => {
  cleanup();
  pairing.step = "closed";
  app.settingsOpen = false;
});

it("a pasted link shows host and fingerprint, and nothing is done before the person confirms", async () => {
  render(PairDialog);
  await pairing.open();
  const user = userEvent.setup();
  await user.type(await screen.findByLabelText(/^Link/), LINK);
  await user.click(screen.getByRole("button", { name: "Go on" }));
  expect(await screen.findByText("relay.example.org")).toBeTruthy();
  expect(screen.getByText(OFFER.fingerprint)).toBeTruthy();
  expect(pair).not.toHaveBeenCalled();
  expect(await violations()).toEqual([]);
  await user.click(screen.getByRole("button", { name: "Pair" }));
  expect(await screen.findByRole("button", { name: "Start Roost again" })).toBeTruthy();
  expect(pair).toHaveBeenCalledExactlyOnceWith({
    link: LINK,
    computer_name: "laptop",
    key_in_file: false,
    old_relay_is_gone: false,
    qstash_token: null,
  });
  await user.keyboard("{Escape}");
  await user.click(screen.getByRole("button", { name: "Start Roost again" }));
  expect(startAgain).toHaveBeenCalled();
});

it("a link that the system hands over fills the dialog, and Cancel leaves everything as it was", async () => {
  openedLink.mockResolvedValueOnce(LINK);
  render(PairDialog);
  await followOpenedLink();
  expect(await screen.findByText(OFFER.fingerprint)).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
  expect(pair).not.toHaveBeenCalled();
  expect(pairing.step).toBe("closed");
});

it("a pairing is not replaced in silence", async () => {
  const replaces = "https://old.example.org";
  describePairingLink.mockResolvedValue({ ...OFFER, replaces, posts_there: 12 });
  render(PairDialog);
  await pairing.open(LINK);
  expect(await screen.findByText(/This replaces the pairing with https:\/\/old/)).toBeTruthy();
  expect(screen.getByText(/12 posts are with the relay in use/)).toBeTruthy();
  await userEvent.click(screen.getByRole("checkbox", { name: /That relay is gone/ }));
  await userEvent.click(screen.getByRole("button", { name: "Replace and pair" }));
  expect(pair).toHaveBeenCalledWith(expect.objectContaining({ old_relay_is_gone: true }));
});

it("what was refused is said, and the link can be changed or tried again", async () => {
  describePairingLink.mockRejectedValueOnce(new Error("This is no pairing link."));
  pair.mockRejectedValueOnce(new Error("The relay did not let this computer in."));
  render(PairDialog);
  await pairing.open("hello");
  expect((await screen.findByRole("alert")).textContent).toContain("no pairing link");
  await userEvent.click(screen.getByRole("button", { name: "Go on" }));
  await userEvent.click(await screen.findByRole("button", { name: "Pair" }));
  expect((await screen.findByRole("alert")).textContent).toContain("did not let");
  await userEvent.click(screen.getByRole("button", { name: "Pair" }));
  expect(await screen.findByRole("button", { name: "Start Roost again" })).toBeTruthy();
});

it("settings pair, list and lock out computers, and leave the relay", async () => {
  pairingState.mockResolvedValue({ relay: "https://relay.example.org", has_qstash: false });
  render(SettingsSheet);
  const section = await screen.findByText(/Posts go out from the relay/);
  expect(section).toBeTruthy();
  expect(await violations()).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Leave the relay…" }));
  cleanup();
  render(PairDialog);
  const dialog = await screen.findByRole("dialog");
  expect(unpair).not.toHaveBeenCalled();
  await userEvent.click(within(dialog).getByRole("button", { name: "Leave it" }));
  expect(unpair).toHaveBeenCalledExactlyOnceWith(false);
  expect(startAgain).toHaveBeenCalled();
  pairingState.mockResolvedValue({ relay: null, has_qstash: false });
});

it("the step of pairing opens the dialog, and that of an old relay the settings", async () => {
  await takeStep({ step: "pair" });
  expect(pairing.step).toBe("link");
  pairing.close();
  await takeStep({ step: "forget_relay", relay: "https://old.example.org" });
  expect(app.settingsOpen).toBe(true);
});
