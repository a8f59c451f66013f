/** Links that the system hands over, and the key that works in every program. */
import { cleanup, render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import QuickCapture from "../src/components/settings/QuickCapture.svelte";
import { followLink } from "../src/lib/links";
import { api } from "../src/lib/ipc";
import { app } from "../src/lib/state/app.svelte";
import { capture } from "../src/lib/state/capture.svelte";
import { composer } from "../src/lib/state/composer.svelte";
import { importing } from "../src/lib/state/importing.svelte";
import { pairing } from "../src/lib/state/pairing.svelte";
import { toast } from "../src/lib/state/toast.svelte";
import { onCaptureAsked, setQuickCapture } from "./host";
import { file, removeFiles } from "./import-files";
import { end, scheduled, start, until } from "./world";

beforeAll(() => start(["ada"]));
afterAll(async () => {
  await end();
  removeFiles();
});
afterEach(async () => {
  cleanup();
  toast.dismiss();
  if (composer.open) await composer.close();
  pairing.close();
  await importing.close();
});

const total = async () => (await api.list_posts({ view: "all", limit: 1 })).total;

it("roost://new opens a post that says what the link says, and schedules nothing", async () => {
  await followLink("roost://new?text=A%20thought%20%F0%9F%A6%89");
  expect(composer.open).toBe(true);
  expect(composer.texts).toEqual(["A thought 🦉"]);
  expect((await api.list_posts({ view: "upcoming", limit: 1 })).total).toBe(0);
});

it("roost://new changes nothing of a post that is being written", async () => {
  await composer.openNew();
  composer.setText(0, "Mine");
  await followLink("roost://new?text=Theirs");
  expect(composer.texts).toEqual(["Mine"]);
  expect(toast.current?.text).toContain("nothing was changed");
});

it("roost://open shows the post, and says so where it is not here", async () => {
  const { id } = await scheduled("Look here");
  await followLink(`roost://open?id=${id}`);
  await until(() => expect(app.detail?.row.text).toBe("Look here"));
  await followLink("roost://open?id=01890000-0000-7000-8000-000000000000");
  expect(toast.current?.text).toBe("The post of this link is not here.");
});

it("roost://import opens the preview of a file, and imports nothing", async () => {
  const before = await total();
  const posts = [{ content: "From a link", scheduledAt: "2031-05-01 09:00", account: "ada" }];
  const path = file("link.json", { timezone: "Asia/Kolkata", posts });
  await followLink(`roost://import?path=${encodeURIComponent(path)}`);
  await until(() => expect(importing.session?.summary.ready).toBe(1));
  expect(app.place).toBe("imports");
  expect(await total()).toBe(before);
});

it("a link that Roost does not know does nothing and is told", async () => {
  const before = await total();
  for (const link of ["roost://delete?id=1", "https://x.com/new", "roost", "roost://"]) {
    toast.dismiss();
    await followLink(link);
    expect(toast.current?.text, link).toContain("does not know this link");
  }
  expect(await total()).toBe(before);
  expect(composer.open).toBe(false);
});

it("the key for a new post is taken when it is wanted, and opens an empty post", async () => {
  capture.start();
  expect(setQuickCapture).not.toHaveBeenCalled();
  render(QuickCapture);
  await userEvent.click(screen.getByRole("switch"));
  expect(setQuickCapture).toHaveBeenLastCalledWith(true);
  expect((await screen.findByText("Ctrl Shift Alt T")).tagName).toBe("KBD");
  const [pressed] = onCaptureAsked.mock.lastCall as [() => void];
  pressed();
  await until(() => expect(composer.open).toBe(true));
  expect(composer.texts).toEqual([""]);
  // At the next start it is taken again.
  setQuickCapture.mockClear();
  capture.start();
  expect(setQuickCapture).toHaveBeenLastCalledWith(true);
});

it("where no program gets a key of its own, that is said with what to do, and not remembered", async () => {
  const problem = "This session (Wayland) gives no program a key that works everywhere.";
  setQuickCapture.mockResolvedValueOnce({ keys: "Ctrl Shift Alt T", is_on: false, problem });
  render(QuickCapture);
  await capture.turn(true);
  expect((await screen.findByRole("alert")).textContent).toContain(problem);
  expect(screen.getByRole("switch").getAttribute("aria-checked")).toBe("false");
  expect(localStorage.getItem("roost.capture")).toBe("off");
});
