import { cleanup, render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { resolve } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import Composer from "../src/components/Composer.svelte";
import Preview from "../src/components/Preview.svelte";
import { api } from "../src/lib/ipc";
import { base64Of } from "../src/lib/media";
import { accounts } from "../src/lib/state/accounts.svelte";
import { attachments } from "../src/lib/state/attachments.svelte";
import { composer } from "../src/lib/state/composer.svelte";
import { pickMedia } from "./host";
import { account, end, scheduled, start, until } from "./world";

beforeAll(() => start());
afterAll(end);

afterEach(async () => {
  cleanup();
  composer.discard();
  await composer.close();
});

const CORPUS = resolve(import.meta.dirname, "../../crates/media/tests/files");
const file = (name: string) => resolve(CORPUS, name);

/** The smallest picture; each one in another colour is another file. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

async function open() {
  accounts.used(account("ada").x_user_id);
  await composer.openNew();
  render(Composer);
  return userEvent.setup();
}

const drafts = async () => (await api.list_posts({ view: "drafts" })).posts;

async function mediaOfDraft() {
  const [draft] = await drafts();
  if (!draft) throw new Error("no draft");
  const detail = await api.get_post({ id: draft.id });
  return detail.content?.parts[0]?.media ?? [];
}

describe("pictures of a post", () => {
  it("are chosen with the system's dialog, described, moved and taken off", async () => {
    const user = await open();
    vi.mocked(pickMedia).mockResolvedValueOnce([file("still.webp")]);
    await user.click(screen.getByRole("button", { name: /Media/ }));
    await until(() => expect(composer.parts[0]?.attached.media).toHaveLength(1));
    // What was pasted has no path.
    const bytes = Uint8Array.from(atob(PNG), (letter) => letter.charCodeAt(0));
    const pasted = new File([bytes], "pasted.png", { type: "image/png" });
    expect(await base64Of(pasted)).toBe(PNG);
    const [part] = composer.parts;
    if (!part) throw new Error("no part");
    await attachments.addFiles(part, [pasted]);
    await until(async () => expect(await mediaOfDraft()).toHaveLength(2));
    expect(document.querySelector("[data-missing-alt]")?.textContent).toContain("2 pictures");

    await user.click(screen.getByRole("button", { name: "ALT of Picture 1" }));
    await user.type(screen.getByLabelText(/What picture 1 shows/), "A still life.");
    expect(document.querySelector("[data-alt-count]")?.textContent).toBe("13/1000");
    await until(async () => {
      expect((await mediaOfDraft()).map((media) => media.alt_text)).toEqual([
        "A still life.",
        undefined,
      ]);
    });
    await user.click(screen.getByRole("button", { name: "Move Picture 1 to the right" }));
    await until(async () => {
      expect((await mediaOfDraft()).map((media) => media.file?.kind)).toEqual([
        "image/png",
        "image/webp",
      ]);
    });
    await user.click(screen.getByRole("button", { name: "Take Picture 1 off" }));
    await until(async () => expect(await mediaOfDraft()).toHaveLength(1));
    expect(document.querySelector("[data-missing-alt]")).toBeNull();
    await until(() => expect(composer.costMicros).toBe(20_000));
    // A post with a picture needs no text.
    await until(() => expect(composer.ready).toBe(true));
  });

  it("that X would not take say why, and leave the post as it was", async () => {
    await open();
    composer.setText(0, "Look");
    expect(attachments.drop([file("hevc.mp4"), "posts.csv"], null)).toBe(true);
    await until(() => {
      expect(document.querySelector("[data-media-refused]")?.textContent).toContain("H.264");
    });
    expect(composer.parts[0]?.attached.media ?? []).toEqual([]);
    // Files of posts go to the import, as ever.
    expect(attachments.drop(["posts.csv"], null)).toBe(false);
  });

  it("stand beside no video, which the part says", async () => {
    await open();
    const [part] = composer.parts;
    if (!part) throw new Error("no part");
    await attachments.addPaths(part, [file("still.webp"), file("short.mp4")]);
    await until(() => {
      expect(document.querySelector('[data-issue="invalid_media"]')?.textContent).toContain(
        "one video",
      );
    });
    expect(composer.ready).toBe(false);
  });

  it("make a change of a scheduled post that is asked about", async () => {
    const post = await scheduled("Look at this");
    await composer.openFor(post.id);
    expect(composer.changed).toBe(false);
    const [part] = composer.parts;
    if (!part) throw new Error("no part");
    await attachments.addPaths(part, [file("still.webp")]);
    expect(composer.changed).toBe(true);
    await composer.schedule();
    expect((await api.get_post({ id: post.id })).row.media).toBe(1);
  });

  it("are shown as X arranges them, whole", async () => {
    const { media } = await api.add_media({ path: file("still.webp") });
    const props = { parts: [""], account: null, username: "ada", live: [], url: null };
    for (const count of [1, 2, 3, 4]) {
      const attached = [{ media: Array.from({ length: count }, () => media) }];
      render(Preview, { props: { ...props, attached } });
      const grid = document.querySelector(`[data-media-grid="${count}"]`);
      await until(() => expect(grid?.querySelectorAll("img")).toHaveLength(count));
      cleanup();
    }
  });
});

describe("a poll and the choice of who may reply", () => {
  it("are written beside the text, and stand in the preview", async () => {
    const user = await open();
    composer.setText(0, "Which bell?");
    await user.click(screen.getByRole("button", { name: /Poll/ }));
    await user.type(screen.getByLabelText("Answer 1"), "The large one");
    await user.type(screen.getByLabelText("Answer 2"), "The small one");
    await user.click(screen.getByRole("button", { name: "Add an answer" }));
    await until(() => {
      expect(document.querySelector('[data-issue="poll_invalid"]')?.textContent).toContain("empty");
    });
    expect(composer.ready).toBe(false);
    await user.click(screen.getByRole("button", { name: "Remove answer 3" }));
    const days = screen.getByLabelText("Days");
    await user.clear(days);
    await user.type(days, "2{Tab}");
    await until(() => expect(composer.ready).toBe(true));
    const [part] = composer.parts;
    if (!part) throw new Error("no part");
    attachments.setReplySettings(part, "verified");
    await composer.schedule();
    const [post] = (await api.list_posts({ view: "upcoming", search: "bell" })).posts;
    const detail = await api.get_post({ id: post?.id ?? "" });
    expect(detail.content?.parts).toEqual([
      {
        text: "Which bell?",
        poll: { options: ["The large one", "The small one"], duration_minutes: 2880 },
        reply_settings: "verified",
      },
    ]);
    render(Preview, {
      props: {
        parts: detail.parts,
        attached: detail.content?.parts ?? [],
        account: null,
        username: "ada",
        live: [],
        url: null,
      },
    });
    expect(document.querySelector("[data-preview-poll]")?.textContent).toContain("The large one");
    expect(screen.getByText("Open for 2 days")).toBeTruthy();
  });
});

describe("what a post discloses, and its community", () => {
  it("are chosen once for all parts, stand in the preview, and are saved", async () => {
    const user = await open();
    composer.setText(0, "The kettle sings.");
    await user.click(screen.getByRole("button", { name: "Made with AI" }));
    composer.addPart(0);
    composer.setText(1, "And sings on.");
    await user.click(screen.getByRole("button", { name: "Paid partnership" }));
    await user.click(screen.getByRole("button", { name: "Community" }));
    await user.type(screen.getByLabelText(/^Community/), "birds{Tab}");
    await until(() => {
      expect(document.querySelector('[data-issue="community_invalid"]')).not.toBeNull();
    });
    expect(composer.ready).toBe(false);
    const field = screen.getByLabelText(/^Community/);
    await user.clear(field);
    await user.type(field, "https://x.com/i/communities/1493446837214187523/{Tab}");
    await until(() => expect(composer.ready).toBe(true));
    await composer.schedule();
    const [post] = (await api.list_posts({ view: "upcoming", search: "kettle" })).posts;
    const detail = await api.get_post({ id: post?.id ?? "" });
    const disclosed = { made_with_ai: true, paid_partnership: true };
    expect(detail.content?.parts).toEqual([
      { text: "The kettle sings.", ...disclosed, community_id: "1493446837214187523" },
      { text: "And sings on.", ...disclosed },
    ]);
    const attached = detail.content?.parts ?? [];
    const props = { account: null, username: "ada", live: [], url: null };
    render(Preview, { props: { ...props, parts: detail.parts, attached } });
    const labels = [...document.querySelectorAll("[data-preview-labels]")];
    expect(labels.map((label) => label.textContent)).toEqual([
      "Made with AI · Paid partnership · Community 1493446837214187523",
      "Made with AI · Paid partnership",
    ]);
  });
});
