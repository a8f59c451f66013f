import { cleanup, render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import DuplicatesSheet from "../src/components/DuplicatesSheet.svelte";
import { api } from "../src/lib/ipc";
import { commandsFor } from "../src/lib/palette";
import { duplicates } from "../src/lib/state/duplicates.svelte";
import { toast } from "../src/lib/state/toast.svelte";
import { violations } from "./axe";
import { end, scheduled, start, until } from "./world";

beforeAll(() => start());
afterAll(end);
afterEach(() => {
  cleanup();
  toast.dismiss();
});

const groups = () =>
  [...document.querySelectorAll<HTMLElement>("[data-same]")].map((each) => [
    each.getAttribute("aria-label"),
    Number(each.dataset["same"]),
  ]);
const open = async () => (await api.list_posts({ view: "upcoming" })).posts.map(({ text }) => text);

it("everything planned is compared; the first of each stays, and undo brings the rest back", async () => {
  await scheduled("Evergreen", { wall_time: "2031-03-01 09:00" });
  await scheduled("Ever\u0067reen ", { wall_time: "2031-04-01 09:00" });
  await scheduled("Evergreen", { wall_time: "2031-05-01 09:00" });
  await scheduled("Twice", { wall_time: "2031-03-02 09:00" });
  await api.create_post({ text: "Twice", draft: true, account: "ada" });
  // The other account may say it as well.
  await scheduled("Evergreen", { wall_time: "2031-03-01 09:00", account: "grace" });
  await scheduled("Once");
  expect(commandsFor("duplicates").map(({ id }) => id)).toContain("duplicates");
  await duplicates.show();
  render(DuplicatesSheet);
  expect(groups()).toEqual([
    ["Evergreen", 3],
    ["Twice", 2],
  ]);
  expect(await violations()).toEqual([]);

  await userEvent.click(screen.getByRole("button", { name: "Keep the first, delete 2 repeats" }));
  await until(() => expect(groups()).toEqual([["Twice", 2]]));
  // The one text that is left has its own button.
  expect(screen.queryByRole("button", { name: /Delete all/ })).toBeNull();
  const left = (await api.list_posts({ view: "upcoming", search: "Evergreen account:ada" })).posts;
  expect(left.map(({ wall_time }) => wall_time)).toEqual(["2031-03-01 09:00"]);
  await until(() => expect(toast.current?.text).toContain("2 repeats deleted."));
  toast.current?.action?.run();
  await until(() =>
    expect(groups()).toEqual([
      ["Evergreen", 3],
      ["Twice", 2],
    ]),
  );

  await userEvent.click(screen.getByRole("button", { name: "Delete all 3 repeats" }));
  await until(() => expect(document.querySelector("[data-empty=duplicates]")).toBeTruthy());
  expect((await open()).toSorted()).toEqual(["Evergreen", "Evergreen", "Once", "Twice"]);
});

it("opened again, the sheet has the focus on Done: Enter deletes nothing", async () => {
  for (const text of ["One again", "Two again"]) {
    await scheduled(text, { wall_time: "2032-03-01 09:00" });
    await scheduled(text, { wall_time: "2032-03-02 09:00" });
  }
  await duplicates.show();
  render(DuplicatesSheet);
  expect(screen.getByRole("button", { name: "Delete all 2 repeats" })).toBeTruthy();
  await until(() => expect(document.activeElement?.textContent).toBe("Done"));
});
