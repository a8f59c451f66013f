import { cleanup, render, screen, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import TrashSheet from "../src/components/TrashSheet.svelte";
import { api } from "../src/lib/ipc";
import { onKey } from "../src/lib/keys";
import { toast } from "../src/lib/state/toast.svelte";
import { trash } from "../src/lib/state/trash.svelte";
import { violations } from "./axe";
import { end, scheduled, start, until } from "./world";

beforeAll(async () => {
  await start(["ada"]);
  globalThis.addEventListener("keydown", onKey);
});
afterAll(async () => {
  globalThis.removeEventListener("keydown", onKey);
  await end();
});
afterEach(() => {
  cleanup();
  trash.open = false;
  toast.dismiss();
});

const row = (id: string) => document.querySelector<HTMLElement>(`[data-trashed="${id}"]`);

it("a deleted post is found in the trash, is had back, and that can be undone", async () => {
  const { id } = await scheduled("Deleted by mistake", { wall_time: "2031-03-01 09:00" });
  await scheduled("Stays");
  await userEvent.keyboard("gx");
  expect(trash.open).toBe(true);
  render(TrashSheet);
  await until(() => expect(document.querySelector("[data-empty=trash]")).toBeTruthy());
  await api.delete_posts({ posts: [{ id }] });
  const found = await until(() => {
    const found = row(id);
    if (!found) throw new Error("not in the trash");
    return found;
  });
  expect(found.textContent).toContain("Deleted by mistake");
  expect(found.textContent).toContain("Planned for 2031-03-01 09:00");
  expect(await violations()).toEqual([]);

  await userEvent.click(within(found).getByRole("button", { name: "Restore" }));
  await until(() => expect(row(id)).toBeNull());
  expect((await api.get_post({ id })).row.status).toBe("pending");
  await until(() => expect(toast.current?.action?.label).toBe("Undo"));
  toast.current?.action?.run();
  await until(() => expect(row(id)).not.toBeNull());
});

it("all that is shown is had back at once", async () => {
  const ids = [];
  for (const text of ["one", "two"]) ids.push((await scheduled(text)).id);
  await api.delete_posts({ posts: ids.map((id) => ({ id })) });
  await trash.show();
  render(TrashSheet);
  await userEvent.click(await screen.findByRole("button", { name: "Restore all of these" }));
  await until(() => expect(document.querySelector("[data-empty=trash]")).toBeTruthy());
  // Whether the relay had them or not: they are scheduled again, and may be handed over by now.
  for (const id of ids)
    expect(["pending", "queued"]).toContain((await api.get_post({ id })).row.status);
});

it("Escape closes it", async () => {
  await trash.show();
  await userEvent.keyboard("{Escape}");
  expect(trash.open).toBe(false);
});
