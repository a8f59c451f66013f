import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import StatusBar from "../src/components/StatusBar.svelte";
import Troubles from "../src/components/Troubles.svelte";
import { onKey } from "../src/lib/keys";
import { app } from "../src/lib/state/app.svelte";
import { clock } from "../src/lib/state/clock.svelte";
import { toast } from "../src/lib/state/toast.svelte";
import { api } from "../src/lib/ipc";
import type { BlockerKind } from "../src/lib/ipc";
import { fault, noFaults, running, signOut } from "./host";
import { account, end, scheduled, start, until, untilStatus, wallIn } from "./world";

afterEach(async () => {
  cleanup();
  app.cancelOf = null;
  toast.dismiss();
  await end();
});

async function window(handles?: string[]) {
  await start(handles);
  clock.now = Date.now();
  render(Troubles);
  render(StatusBar);
}

const band = (kind: BlockerKind) => document.querySelector<HTMLElement>(`[data-blocker=${kind}]`);

/** Waits for a blocker's band; it sends nobody to a terminal. */
function untilBand(kind: BlockerKind): Promise<HTMLElement> {
  return until(() => {
    const found = band(kind);
    if (!found) throw new Error(`nothing of ${kind}`);
    expect(found.textContent).not.toMatch(/`roost|roost (login|pair|sync|take-over)/);
    return found;
  });
}

it("a Roost without trouble says nothing", async () => {
  await window();
  await until(() => expect(screen.getByText("Relay OK")).toBeTruthy());
  expect(document.querySelectorAll("[data-blocker], [data-trouble], [data-unwell]")).toHaveLength(
    0,
  );
});

it("a signed-out account is named, and its posts are cancelled only after the person was told how many", async () => {
  await window();
  for (const text of ["one", "two"]) await scheduled(text);
  await scheduled("of grace", { account: "grace" });
  await signOut("ada");
  await scheduled("due", { wall_time: wallIn(1) });
  await until(() => expect(account("ada").health).toBe("disconnected"));
  await until(() => expect(account("ada").pending).toBe(3));
  const unwell = await until(() => screen.getByText(/sign-in of @ada no longer works/));
  expect(unwell.closest("[data-unwell]")?.textContent).toContain("Its 3 posts wait.");
  const offer = screen.getByRole("button", { name: "Cancel its 3 posts…" });

  // Escape, and keeping, cancel nothing.
  globalThis.addEventListener("keydown", onKey);
  await userEvent.click(offer);
  await fireEvent.keyDown(document.body, { key: "Escape" });
  expect(screen.queryByRole("dialog")).toBeNull();
  globalThis.removeEventListener("keydown", onKey);
  await userEvent.click(offer);
  await userEvent.click(screen.getByRole("button", { name: "Keep waiting" }));
  expect(account("ada").pending).toBe(3);

  await userEvent.click(offer);
  const sheet = screen.getByRole("dialog");
  expect(sheet.textContent).toContain("Cancel 3 posts of @ada?");
  expect(sheet.textContent).toContain("each can be scheduled again");
  await userEvent.click(within(sheet).getByRole("button", { name: "Cancel 3 posts" }));
  await until(() => expect(toast.current?.text).toMatch(/^(Cancelling 3 posts|3 posts cancelled)/));
  await until(() => expect(account("ada").pending).toBe(0));
  expect(account("grace").open, "the other account's post stays").toBe(1);
});

it("an app without credits is said once, and trying now ends it", async () => {
  await window(["ada"]);
  await fault({ on: "create", kind: "named", name: "credits_depleted", count: 0 });
  const { id } = await scheduled("unpaid", { wall_time: wallIn(1) });
  const held = await untilBand("app_held");
  expect(held.textContent).toContain("credits");
  await noFaults();
  await userEvent.click(within(held).getByRole("button", { name: "Try now" }));
  await untilStatus(id, "posted");
  await until(() => expect(band("app_held")).toBeNull());
});

it("a suspended account is named, and trying now ends it", async () => {
  await window(["ada"]);
  await fault({ on: "create", kind: "named", name: "suspended", count: 0 });
  const { id } = await scheduled("not now", { wall_time: wallIn(1) });
  await until(() => expect(account("ada").health).toBe("suspended"));
  expect(await until(() => screen.getByText(/suspended or locked @ada/))).toBeTruthy();
  await noFaults();
  await userEvent.click(screen.getByRole("button", { name: "Try now" }));
  await untilStatus(id, "posted");
  await until(() => expect(document.querySelector("[data-unwell]")).toBeNull());
});

it("an X that is not reached is said with its next try, and posts go out when it is back", async () => {
  await window(["ada"]);
  await running("x", "stop");
  const { id } = await scheduled("patience", { wall_time: wallIn(1) });
  const away = await untilBand("x_unreachable");
  expect(away.textContent).toContain("The next try is on");
  expect(screen.getByText("X not reached")).toBeTruthy();
  await running("x", "start");
  await userEvent.click(within(away).getByRole("button", { name: "Try now" }));
  await untilStatus(id, "posted");
});

it("a relay that is not reached is said in the band and in the status bar, and its return too", async () => {
  await window(["ada"]);
  await until(() => expect(screen.getByText("Relay OK")).toBeTruthy());
  await running("services", "stop");
  await scheduled("waits here", { wall_time: wallIn(2) });
  await until(() => expect(screen.getByText("Relay not reached")).toBeTruthy());
  await untilBand("relay_unreachable");
  await running("services", "start");
  await until(() => expect(screen.getByText("Relay OK")).toBeTruthy());
  await until(() => expect(band("relay_unreachable")).toBeNull());
});

it("posts without an account are said, with what to do", async () => {
  await window([]);
  await api.create_post({ text: "Whose?", wall_time: wallIn(3600), zone: "Etc/UTC" });
  const without = await untilBand("without_account");
  expect(without.textContent).toContain("account");
});

it("a pause is told, and ends with a click", async () => {
  await window(["ada"]);
  await userEvent.click(await screen.findByRole("button", { name: "Pause" }));
  await until(() => expect(toast.current?.text).toContain("Everything is paused"));
  await screen.findByText(/^Nothing goes out while/);
  expect((await untilBand("paused")).textContent).toContain("Everything is paused");
  await userEvent.click(await screen.findByRole("button", { name: /Paused/ }));
  await until(() => expect(toast.current?.text).toBe("Posts go out again."));
  await until(() => expect(screen.getByRole("button", { name: "Pause" })).toBeTruthy());
});

it("an end that nobody planned is told until the person has read it", async () => {
  await window(["ada"]);
  if (!app.overview) throw new Error("no overview");
  const body = "Roost ended unexpectedly. Nothing was lost.";
  const unclean_end = {
    id: 1,
    at: clock.now,
    kind: "unclean_end",
    title: "Roost ended unexpectedly",
    body,
    post_id: null,
    read_at: null,
    topic: "service" as const,
    channel: "system" as const,
    cause: null,
    posts: 1,
  };
  app.overview = { ...app.overview, unclean_end };
  const told = await until(() => screen.getByText(body));
  const band = told.closest<HTMLElement>("[data-unclean-end]");
  if (!band) throw new Error("no band");
  await userEvent.click(within(band).getByRole("button", { name: "OK" }));
  await until(() => expect(screen.queryByText(body)).toBeNull());
});
