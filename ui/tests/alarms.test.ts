import { cleanup, render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import Alarms from "../src/components/settings/Alarms.svelte";
import { api } from "../src/lib/ipc";
import { violations } from "./axe";
import { end, start } from "./world";

beforeAll(() => start(["ada"]));
afterAll(end);
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

it("a relay that tells nobody says so, and how that is changed", async () => {
  render(Alarms, { onrefuse: vi.fn() });
  expect(await screen.findByText(/tells nobody when something is wrong/)).toBeTruthy();
  expect(await violations()).toEqual([]);
});

it("channels are listed with what stands, and a test says what became of it", async () => {
  vi.spyOn(api, "get_alarms").mockResolvedValue({
    channels: [
      { name: "mail", way: "mail", last_sent_at: null, last_error: null },
      { name: "ntfy", way: "ntfy", last_sent_at: 1_800_000_000_000, last_error: null },
    ],
    open: [{ kind: "disk_low", line: "120 MB are left.", since: 1_800_000_000_000 }],
  });
  vi.spyOn(api, "test_alarms").mockResolvedValue({
    tests: [
      { channel: "mail", error: "The mail server did not answer in time." },
      { channel: "ntfy", error: null },
    ],
  });
  render(Alarms, { onrefuse: vi.fn() });
  expect(await screen.findByText(/120 MB are left/)).toBeTruthy();
  expect(screen.getByText(/took a message/)).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Send a test" }));
  expect(await screen.findByText("The mail server did not answer in time.")).toBeTruthy();
  expect(screen.getByText("took the test; look whether it arrived")).toBeTruthy();
});
