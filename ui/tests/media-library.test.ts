/** The library of pictures: what they take, which posts have them, and which lack a description. */
import { cleanup, render, screen, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { resolve } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import MediaLibrary from "../src/components/media/MediaLibrary.svelte";
import { api } from "../src/lib/ipc";
import { app } from "../src/lib/state/app.svelte";
import { composer } from "../src/lib/state/composer.svelte";
import { library } from "../src/lib/state/library.svelte";
import { toast } from "../src/lib/state/toast.svelte";
import { violations } from "./axe";
import { layOut } from "./layout";
import { end, start, until, wallIn } from "./world";

beforeAll(async () => {
  await start(["ada"]);
  layOut();
});
afterAll(end);
afterEach(async () => {
  cleanup();
  library.shown = null;
  toast.dismiss();
  if (composer.open) await composer.close();
});

const CORPUS = resolve(import.meta.dirname, "../../crates/media/tests/files");
const tile = () => until(() => screen.getByRole("button", { name: /still\.webp/ }));

it("without pictures it says how they come in", async () => {
  render(MediaLibrary);
  await until(() => expect(document.querySelector("[data-empty=media]")).toBeTruthy());
  expect(await violations()).toEqual([]);
});

it("a file tells its room, its posts, and that a description is missing", async () => {
  const { media } = await api.add_media({ path: resolve(CORPUS, "still.webp") });
  const content = { parts: [{ text: "With a picture", media: [media] }] };
  const when = { wall_time: wallIn(7200), zone: "Etc/UTC", account: "ada" };
  const { post } = await api.create_post({ content, ...when });
  render(MediaLibrary);
  const button = await tile();
  expect(button.textContent).toContain("1 post");
  expect(button.textContent).toContain("no description");
  expect(document.querySelector("[data-media-sum]")?.textContent).toMatch(/1 file, .* on this/);
  expect(document.querySelector("[data-undescribed]")?.textContent).toContain("1 picture");
  await userEvent.click(button);
  const uses = await until(() => screen.getByRole("complementary"));
  const use = await within(uses).findByRole("button", { name: /With a picture/ });
  expect(use.textContent).toContain("No description");
  expect(await violations()).toEqual([]);

  // A click shows the post.
  await userEvent.click(use);
  await until(() => expect(app.detail?.row.id).toBe(post.id));

  // Once it is described, nothing is missing.
  const described = {
    parts: [{ text: "With a picture", media: [{ ...media, alt_text: "An owl" }] }],
  };
  await api.edit_post({ id: post.id, change: { content: described } });
  await until(() => expect(document.querySelector("[data-undescribed]")).toBeNull());
});

it("a file is used again in a new post", async () => {
  render(MediaLibrary);
  await userEvent.click(await tile());
  await userEvent.click(await screen.findByRole("button", { name: "Use in a new post" }));
  await until(() => expect(composer.parts[0]?.attached.media).toHaveLength(1));
  expect(composer.parts[0]?.attached.media?.[0]?.media_id).toBe(library.items[0]?.id);
});

it("unused files are removed after a question, and what was just taken in stays", async () => {
  const bytes_base64 =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  await api.add_media({ bytes_base64, file_name: "unused.png" });
  render(MediaLibrary);
  await userEvent.click(await screen.findByRole("button", { name: "Remove unused files…" }));
  const before = library.files;
  await userEvent.click(await screen.findByRole("button", { name: "Remove them" }));
  await until(() => expect(toast.current?.text).toContain("No file was removed"));
  expect(library.files).toBe(before);
});
