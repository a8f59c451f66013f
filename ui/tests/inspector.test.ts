import { cleanup, render, screen, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeEach, expect, it } from "vitest";
import Inspector from "../src/components/Inspector.svelte";
import { api } from "../src/lib/ipc";
import { app } from "../src/lib/state/app.svelte";
import { clock } from "../src/lib/state/clock.svelte";
import { posts } from "../src/lib/state/posts.svelte";
import { toast } from "../src/lib/state/toast.svelte";
import { violations } from "./axe";
import { copyText, fault, noFaults, signOut, textsOnX } from "./host";
import { end, scheduled, start, until, untilStatus, wallIn } from "./world";

afterAll(end);
beforeEach(() => {
  clock.now = Date.now();
});
afterEach(() => {
  cleanup();
  posts.currentId = null;
  app.detail = null;
  toast.dismiss();
});

/** Shows a post as a click on its row does; it is kept up to date by the engine's changes. */
async function show(id: string) {
  posts.currentId = id;
  await app.refreshDetail();
  if (!app.detail) throw new Error("no detail");
  const { rerender } = render(Inspector, { detail: app.detail });
  return async () => {
    if (app.detail) await rerender({ detail: app.detail });
  };
}

it("a post tells when it goes out, in its own zone and in UTC, and once cancelled what was planned", async () => {
  await start();
  const { id } = await scheduled("Good morning");
  const refresh = await show(id);
  expect(screen.getByText("Goes out")).toBeTruthy();
  expect(screen.getByText(/^in (59 min|1 h)/)).toBeTruthy();
  const { row } = await api.get_post({ id });
  expect(row.wall_time).not.toBeNull();
  await api.cancel_posts({ posts: [{ id }] });
  await untilStatus(id, "cancelled");
  await until(() => expect(app.detail?.row.status).toBe("cancelled"));
  await refresh();
  expect(screen.getByText("Planned")).toBeTruthy();
  expect(screen.queryByText("Goes out")).toBeNull();
});

it("a moved post's receipt tells its old and its new time", async () => {
  const { id } = await scheduled("Moved", { wall_time: "2031-03-01 09:00", zone: "Asia/Kolkata" });
  const change = { wall_time: "2031-03-02 10:30", zone: "Asia/Kolkata" };
  await api.edit_post({ id, change });
  await show(id);
  const receipt = document.querySelector("[data-receipt]")?.textContent ?? "";
  expect(receipt).toContain("2031-03-02 10:30");
});

it("a thread shows all its parts, each with its place", async () => {
  const { id } = await scheduled("One", { thread: ["Two", "Three"] });
  await show(id);
  const shown = [...document.querySelectorAll("[data-preview] li")];
  expect(shown.map((part) => part.querySelector(".text")?.textContent.trim())).toEqual([
    "One",
    "Two",
    "Three",
  ]);
  expect(shown.map((part) => part.querySelector(".place")?.textContent)).toEqual([
    "1/3",
    "2/3",
    "3/3",
  ]);
  expect(screen.getByText("$0.045")).toBeTruthy();
});

it("a post that X refuses tells why and what to do, and can be tried again", async () => {
  await fault({ on: "create", kind: "named", name: "invalid_url", count: 1 });
  const { id } = await scheduled("Refused once", { wall_time: wallIn(1) });
  await untilStatus(id, "failed");
  const refresh = await show(id);
  const trouble = document.querySelector("[data-trouble]")?.textContent ?? "";
  expect(trouble).toContain("X blocks a link in this post.");
  expect(trouble).not.toContain("roost ");
  await userEvent.click(screen.getByRole("button", { name: /Retry/ }));
  await untilStatus(id, "posted");
  await until(() => expect(app.detail?.row.status).toBe("posted"));
  await refresh();
  expect(screen.getByRole("button", { name: /Open on X/ })).toBeTruthy();
  await noFaults();
});

it("a post that may be on X can be connected with its address, and a wrong one is refused", async () => {
  await fault({ on: "create", kind: "cut_before", text: "Lost", count: 0 });
  const { id } = await scheduled("Lost on the way", { wall_time: wallIn(1) });
  await untilStatus(id, "unknown");
  await show(id);
  const field = screen.getByLabelText(/Paste its address or id/);
  await userEvent.type(field, "not an address");
  await userEvent.click(screen.getByRole("button", { name: "Connect" }));
  expect((await screen.findByRole("alert")).textContent).not.toBe("");
  await userEvent.clear(field);
  await userEvent.type(field, "https://x.com/ada/status/1234567890123456789?s=20");
  await userEvent.click(screen.getByRole("button", { name: "Connect" }));
  const { row } = await untilStatus(id, "posted");
  expect(row.tweet_id).toBe("1234567890123456789");
  await noFaults();
});

it("to check X again while signed out ends where it began, with the reason", async () => {
  await end();
  await start(["ada"]);
  await fault({ on: "create", kind: "cut_before", text: "Lost", count: 0 });
  const { id } = await scheduled("Lost, then signed out", { wall_time: wallIn(1) });
  await untilStatus(id, "unknown");
  await signOut("ada");
  const refresh = await show(id);
  await userEvent.click(screen.getByRole("button", { name: /Check X again/ }));
  await until(async () => {
    const { row } = await api.get_post({ id });
    expect([row.status, row.reason?.code]).toEqual(["unknown", "sign_in_needed"]);
  });
  await until(() => expect(app.detail?.row.reason?.code).toBe("sign_in_needed"));
  await refresh();
  expect(document.querySelector("[data-trouble]")?.textContent).toMatch(/sign/i);
  expect(screen.getByRole("button", { name: /Check X again/ })).toBeTruthy();
  const { causes } = await api.list_causes();
  expect(causes.map(({ state, code }) => [state, code])).toContainEqual([
    "needs_check",
    "sign_in_needed",
  ]);
  await noFaults();
});

it("a change that came too late stands beside what went out, and can be posted too at its price", async () => {
  await end();
  await start(["ada"], false);
  const { id } = await scheduled("the old words", { wall_time: wallIn(1) });
  await api.sync_now();
  await until(async () => expect(await textsOnX()).toEqual(["the old words"]));
  await api.edit_post({ id, change: { text: "the new words" } });
  await api.sync_now();
  await show(id);
  const late = screen.getByRole("region", { name: "Your change came too late" });
  expect(within(late).getByText("the old words")).toBeTruthy();
  expect(within(late).getByText("the new words")).toBeTruthy();
  expect(within(late).getByRole("button", { name: /Replace on X/ }).textContent).toContain(
    "$0.025",
  );
  const button = within(late).getByRole("button", { name: /Post this too/ });
  expect(button.textContent).toContain("$0.015");
  await userEvent.click(button);
  await until(() => expect(toast.current?.text).toContain("Scheduled"));
  await until(async () => {
    await api.sync_now();
    expect(await textsOnX()).toEqual(["the old words", "the new words"]);
  });
});

it("a post on X is deleted there only after its price was said and agreed to", async () => {
  await start(["ada"]);
  const { id } = await scheduled("Soon gone from X", { wall_time: wallIn(1) });
  await untilStatus(id, "posted");
  const refresh = await show(id);
  const button = await until(() => screen.getByRole("button", { name: "Delete on X…" }));
  expect(screen.getByRole("button", { name: /^Remove from Roost/ })).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Delete" })).toBeNull();
  await userEvent.click(button);
  expect(screen.getByRole("dialog").textContent).toContain("Delete it on X for $0.01?");
  await userEvent.click(screen.getByRole("button", { name: "Keep it" }));
  expect(screen.queryByRole("dialog")).toBeNull();
  expect((await api.get_post({ id })).row.gone_from_x_at).toBeNull();

  await userEvent.click(screen.getByRole("button", { name: "Delete on X…" }));
  await userEvent.click(
    within(screen.getByRole("dialog")).getByRole("button", { name: "Delete on X" }),
  );
  await until(async () => expect((await api.get_post({ id })).row.gone_from_x_at).not.toBeNull());
  await until(() => expect(app.detail?.actions).not.toContain("delete_on_x"));
  await refresh();
  expect(document.querySelector("[data-receipt]")?.textContent).toContain("Deleted on X");
});

it("a changed post goes back to its earlier words and time, and undo takes that back", async () => {
  await start();
  const { id } = await scheduled("as it was", { wall_time: "2031-03-03 09:00" });
  const change = { text: "as it is", wall_time: "2031-03-04 10:00" };
  await api.edit_post({ id, change });
  posts.currentId = id;
  await app.refreshDetail();
  const shown = () => {
    if (!app.detail) throw new Error("no detail");
    return app.detail;
  };
  render(Inspector, { detail: shown() });
  const versions = document.querySelectorAll("[data-version]");
  expect([...versions].map((row) => row.getAttribute("data-version"))).toEqual(["2", "1"]);
  expect(await violations()).toEqual([]);
  screen.getByRole("button", { name: "Back to this" }).click();
  await until(async () => {
    const { row } = await api.get_post({ id });
    expect([row.text, row.wall_time]).toEqual(["as it was", "2031-03-03 09:00"]);
  });
  await until(() => expect(toast.current?.action?.label).toBe("Undo"));
  toast.current?.action?.run();
  await until(async () => expect((await api.get_post({ id })).row.text).toBe("as it is"));
});

it("a handed-over post's receipt has the message's id, which a button copies whole", async () => {
  const { id } = await scheduled("Copied by its id");
  const { receipt } = await untilStatus(id, "queued");
  const message = receipt.find(({ kind }) => kind === "queued")?.detail?.replace("message ", "");
  expect(message).toMatch(/^\S+$/);
  await show(id);
  await userEvent.click(screen.getByRole("button", { name: "Copy its id" }));
  expect(copyText).toHaveBeenLastCalledWith(message);
});

it("the receipt of a post that was cancelled before it left this computer speaks of no relay", async () => {
  const { id } = await scheduled("Never left", { wall_time: "2031-03-01 09:00" });
  await api.cancel_posts({ posts: [{ id }] });
  const { receipt } = await untilStatus(id, "cancelled");
  const titles = receipt.map(({ title }) => title);
  expect(titles[0]).toBe("Written");
  expect(titles.join(" ")).not.toMatch(/proven|relay/i);
});
