/** What the tests do with a world again and again. */
import { vi } from "vitest";
import { api } from "../src/lib/ipc";
import type { AccountRow, NewPost, PostDetail, PostRow, Status } from "../src/lib/ipc";
import { accounts } from "../src/lib/state/accounts.svelte";
import { app } from "../src/lib/state/app.svelte";
import { endWorld, newWorld } from "./host";

/** Longer than anything takes on a loaded machine; a test that waits so long has failed. */
const PATIENCE_MS = 30_000;

/** Waits until an expectation holds. */
export function until<T>(expectation: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(expectation, { timeout: PATIENCE_MS, interval: 25 });
}

/** Puts a fresh world behind a window that knows it. */
export async function start(handles?: string[], runs = true): Promise<void> {
  localStorage.clear();
  await newWorld(handles, runs);
  accounts.show(null);
  await app.start();
}

/** Ends it. */
export const end = endWorld;

/** Returns an account by its handle. */
export function account(username: string): AccountRow {
  const found = accounts.all.find((each) => each.username === username);
  if (!found) throw new Error(`no account @${username}`);
  return found;
}

/** Returns the wall time in UTC so many seconds from now: "2027-03-01 00:20:30". */
export function wallIn(seconds: number): string {
  const at = new Date(Math.ceil(Date.now() / 1000 + seconds) * 1000);
  return at.toISOString().slice(0, 19).replace("T", " ");
}

/** Schedules a post of @ada, in an hour unless the test says otherwise. */
export async function scheduled(text: string, change: NewPost = {}): Promise<PostRow> {
  const wanted = { wall_time: wallIn(3600), zone: "Etc/UTC", account: "ada", ...change };
  return (await api.create_post({ text, ...wanted })).post;
}

/** Waits until a post has a status, and returns it. */
export function untilStatus(id: string, status: Status): Promise<PostDetail> {
  return until(async () => {
    const detail = await api.get_post({ id });
    if (detail.row.status !== status) throw new Error(`it is ${detail.row.status}`);
    return detail;
  });
}
