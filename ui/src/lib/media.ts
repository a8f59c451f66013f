/** Pictures and videos of a part, as the window handles them. */
import { api } from "./ipc";
import type { MediaCategory, MediaRef, Poll } from "./ipc";
import { LruCache } from "./lru";

/** Characters that X takes as the description of a picture. */
export const ALT_TEXT_MAX = 1000;
/** Pictures that X takes with one post. */
export const MEDIA_MAX = 4;
/** What a poll may have, as X takes it. */
export const POLL = { optionsMin: 2, optionsMax: 4, optionChars: 25, minutesMin: 5 } as const;
/** Minutes of the longest poll: a week. */
export const POLL_MINUTES_MAX = 10_080;

/** What the system's dialog offers, and what counts as media when it is dropped. */
export const MEDIA_EXTENSIONS = ["jpg", "jpeg", "png", "webp", "gif", "mp4", "mov", "m4v"];

/** Returns whether a file's name ends like that of a picture or a video. */
export function isMediaPath(path: string): boolean {
  const ending = /\.([^.\\/]+)$/.exec(path)?.[1]?.toLowerCase();
  return ending !== undefined && MEDIA_EXTENSIONS.includes(ending);
}

/** Returns what a file is called in a sentence. */
export function kindOf({ file }: MediaRef): string {
  const names: Record<MediaCategory, string> = { image: "Picture", gif: "GIF", video: "Video" };
  return file ? names[file.category] : "File";
}

/** Returns whether people who do not see it lack a description: X takes none of a video. */
export function lacksAlt({ file, alt_text }: MediaRef): boolean {
  return file?.category !== "video" && (alt_text ?? "").trim() === "";
}

/** Returns a file's size as people read it: "2.1 MB". */
export function sizeText(bytes: number): string {
  if (bytes < 100_000) return `${Math.max(1, Math.ceil(bytes / 1000))} kB`;
  return `${(Math.ceil(bytes / 100_000) / 10).toFixed(1)} MB`;
}

/** Returns how long a poll runs, in words: "1 day 2 h". */
export function pollTime({ duration_minutes }: Poll): string {
  const parts = splitMinutes(duration_minutes);
  const words = [
    parts.days > 0 ? `${parts.days} ${parts.days === 1 ? "day" : "days"}` : "",
    parts.hours > 0 ? `${parts.hours} h` : "",
    parts.minutes > 0 ? `${parts.minutes} min` : "",
  ];
  return words.filter((word) => word !== "").join(" ");
}

/** Returns minutes as days, hours and minutes. */
export function splitMinutes(all: number): { days: number; hours: number; minutes: number } {
  return {
    days: Math.floor(all / 1440),
    hours: Math.floor((all % 1440) / 60),
    minutes: all % 60,
  };
}

/** Returns the bytes of a file in Base64, without what a data URL has before them. */
export function base64Of(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => {
      const url = typeof reader.result === "string" ? reader.result : "";
      resolve(url.slice(url.indexOf(",") + 1));
    };
    reader.onerror = () => reject(new Error("What was pasted could not be read."));
    reader.readAsDataURL(file);
  });
}

/** Thumbnails that are on the screen or were; the engine keeps them on the disk. */
const thumbnails = new LruCache<string, Promise<string | null>>(200);

/** Returns a picture made small, as an address that an image shows; null for a video. */
export function thumbnail(mediaId: string, sideMax: number): Promise<string | null> {
  const key = `${mediaId} ${sideMax}`;
  const known = thumbnails.get(key);
  if (known) return known;
  const asked = api
    .media_thumbnail({ media_id: mediaId, side_max: sideMax })
    .then(({ png_base64: png }) => (png === null ? null : `data:image/png;base64,${png}`))
    .catch(() => {
      // The file may be taken in again later.
      thumbnails.delete(key);
      return null;
    });
  thumbnails.set(key, asked);
  return asked;
}
