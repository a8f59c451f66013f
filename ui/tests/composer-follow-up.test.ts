import { cleanup, render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import Composer from "../src/components/Composer.svelte";
import { api } from "../src/lib/ipc";
import { accounts } from "../src/lib/state/accounts.svelte";
import { composer } from "../src/lib/state/composer.svelte";
import { toast } from "../src/lib/state/toast.svelte";
import { violations } from "./axe";
import { account, end, scheduled, start, until, wallIn } from "./world";

beforeAll(() => start());
afterAll(end);

afterEach(async () => {
  cleanup();
  composer.discard();
  await composer.close();
  toast.dismiss();
});

const followUps = async (id: string) =>
  ((await api.get_post({ id })).follow_ups ?? []).map((it) => [
    it.text,
    it.after_minutes,
    it.status,
  ]);

it("a first comment is kept with its draft, priced, and scheduled with its post", async () => {
  accounts.used(account("ada").x_user_id);
  await composer.openNew();
  render(Composer);
  const user = userEvent.setup();
  await user.type(screen.getByLabelText("Text of the post"), "The kiln is lit.");
  await until(() => expect(composer.costMicros).toBe(15_000));
  await user.click(screen.getByRole("button", { name: "First comment" }));
  await user.type(screen.getByLabelText("First comment"), "How: https://example.com/glaze");
  const minutes = screen.getByLabelText("Minutes after the post");
  await user.clear(minutes);
  await user.type(minutes, "25");
  await user.tab();
  await until(() => expect(composer.costMicros).toBe(215_000));
  await until(() => expect(composer.saveState).toBe("saved"));
  const { posts } = await api.list_posts({ view: "drafts" });
  const draft = posts.find(({ text }) => text === "The kiln is lit.")?.id ?? "";
  expect(await followUps(draft)).toEqual([["How: https://example.com/glaze", 25, "draft"]]);
  expect(await violations(document.body)).toEqual([]);
  await until(() => expect(composer.ready).toBe(true));
  await user.keyboard("{Control>}{Enter}{/Control}");
  await until(() => expect(composer.open).toBe(false));
  expect(await followUps(draft)).toEqual([["How: https://example.com/glaze", 25, "pending"]]);
});

it("a draft that is opened again has its first comment, which one click takes away", async () => {
  const { post } = await api.create_post({
    content: { parts: [{ text: "Ines opens the kiln." }] },
    account: "ada",
    draft: true,
    follow_up: { text: "Four pots held.", after_minutes: 5 },
  });
  await composer.openFor(post.id);
  render(Composer);
  const user = userEvent.setup();
  const field = screen.getByLabelText<HTMLTextAreaElement>("First comment");
  expect([field.value, composer.followUp.minutes]).toEqual(["Four pots held.", 5]);
  await user.click(screen.getByRole("button", { name: "Remove" }));
  await until(async () => expect(await followUps(post.id)).toEqual([]));
  expect(screen.queryByLabelText("First comment")).toBeNull();
});

it("a scheduled post and a reply are not asked for a first comment", async () => {
  const post = await scheduled("Planned", { wall_time: wallIn(3600) });
  await composer.openFor(post.id);
  render(Composer);
  expect(screen.queryByRole("button", { name: "First comment" })).toBeNull();
});
