import { api, errorText, pickMedia } from "../ipc";
import type { AddMedia, MediaRef, Poll, ReplySettings } from "../ipc";
import { MEDIA_EXTENSIONS, MEDIA_MAX, base64Of, isMediaPath } from "../media";
import { communityIdOf } from "../parts";
import type { Attached, Part } from "../parts";
import { composer } from "./composer.svelte";

/** What is put beside the texts of the post that is being written: pictures, videos, a poll. */
class Attachments {
  /** How many files are being taken in, by the key of their part. */
  taking = $state<Record<number, number>>({});
  /** Why a file was not taken, by the key of its part. */
  refused = $state<Record<number, string>>({});
  /** The part on which the person works: what is dropped elsewhere goes to it. */
  #current: number | null = null;

  /** Notes the part on which the person works. */
  at(part: Part) {
    this.#current = part.key;
  }

  /** Returns the part on which the person works, or the last one. */
  get current(): Part | undefined {
    return composer.parts.find(({ key }) => key === this.#current) ?? composer.parts.at(-1);
  }

  /** Asks for files with the system's dialog, and attaches them. */
  async pick(part: Part) {
    await this.addPaths(part, await pickMedia(MEDIA_EXTENSIONS));
  }

  /** Attaches files by their paths, one after the other. */
  async addPaths(part: Part, paths: string[]) {
    await this.#add(
      part,
      paths.map((path) => () => Promise.resolve({ path })),
    );
  }

  /** Attaches what was pasted. */
  async addFiles(part: Part, files: File[]) {
    const read = (file: File) => async (): Promise<AddMedia> => ({
      bytes_base64: await base64Of(file),
      file_name: file.name || "pasted",
    });
    await this.#add(part, files.map(read));
  }

  /** Takes what was dropped on the window; returns whether any of it was a picture or a video. */
  drop(paths: string[], key: number | null): boolean {
    const media = paths.filter(isMediaPath);
    if (!composer.open || media.length === 0) return false;
    const part = composer.parts.find((each) => each.key === key) ?? this.current;
    if (part) void this.addPaths(part, media);
    return part !== undefined;
  }

  remove(part: Part, at: number) {
    this.#set(part, { media: media(part).filter((_, index) => index !== at) });
  }

  /** Moves a picture to the left (-1) or to the right (1). */
  move(part: Part, at: number, by: number) {
    const moved = [...media(part)];
    const [one, other] = [moved[at], moved[at + by]];
    if (!one || !other) return;
    moved[at] = other;
    moved[at + by] = one;
    this.#set(part, { media: moved });
  }

  describe(part: Part, at: number, text: string) {
    const described = media(part).map((each, index) => {
      if (index !== at) return each;
      return { ...each, alt_text: text.trim() === "" ? null : text };
    });
    this.#set(part, { media: described });
  }

  /** Leaves out a file that a file of posts named and that could not be fetched. */
  removeSource(part: Part, at: number) {
    const sources = part.attached.media_sources ?? [];
    this.#set(part, { media_sources: sources.filter((_, index) => index !== at) });
  }

  setPoll(part: Part, poll: Poll | null) {
    this.#set(part, { poll });
  }

  setReplySettings(part: Part, who: ReplySettings | null) {
    this.#set(part, { reply_settings: who });
  }

  /** Discloses something of the whole post, on each of its parts, or no longer. */
  disclose(change: Pick<Attached, "made_with_ai" | "paid_partnership">) {
    for (const part of [...composer.parts]) this.#set(part, change);
  }

  /** Sends the post to a community, by its id or its address on X; to none where nothing is written. */
  setCommunity(part: Part, written: string) {
    this.#set(part, { community_id: communityIdOf(written) || null });
  }

  async #add(part: Part, wanted: (() => Promise<AddMedia>)[]) {
    const { key } = part;
    const room = MEDIA_MAX - media(part).length - (this.taking[key] ?? 0);
    const others = Object.entries(this.refused).filter(([each]) => each !== String(key));
    this.refused = Object.fromEntries(others);
    if (wanted.length > room) {
      const more = `X takes ${MEDIA_MAX} pictures with one post; the others were left out.`;
      this.refused = { ...this.refused, [key]: more };
    }
    for (const request of wanted.slice(0, Math.max(0, room))) {
      this.#count(key, 1);
      try {
        const { media: taken } = await api.add_media(await request());
        // The person may have moved or removed the part meanwhile.
        const now = composer.parts.find((each) => each.key === key);
        if (now) this.#set(now, { media: [...media(now), taken] });
      } catch (error) {
        this.refused = { ...this.refused, [key]: errorText(error) };
      } finally {
        this.#count(key, -1);
      }
    }
  }

  #count(key: number, by: number) {
    this.taking = { ...this.taking, [key]: (this.taking[key] ?? 0) + by };
  }

  /** What says nothing is left out, as the engine leaves it out. */
  #set(part: Part, change: Attached) {
    const changed = { ...part.attached, ...change };
    const { media, media_sources, poll, reply_settings } = changed;
    const { made_with_ai, paid_partnership, community_id } = changed;
    composer.setAttached(part.key, {
      ...(media?.length ? { media } : {}),
      ...(media_sources?.length ? { media_sources } : {}),
      ...(poll ? { poll } : {}),
      ...(reply_settings ? { reply_settings } : {}),
      ...(made_with_ai ? { made_with_ai } : {}),
      ...(paid_partnership ? { paid_partnership } : {}),
      ...(community_id ? { community_id } : {}),
    });
  }
}

function media(part: Part): MediaRef[] {
  return part.attached.media ?? [];
}

export const attachments = new Attachments();
