// Imports a file of posts: parsed, checked row by row, committed as a whole or refused as a whole.
// `node import.js DATABASE FILE [--undo]` ends with one line of JSON: what took how long, in
// milliseconds.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import twitter from "twitter-text";
import { z } from "zod";
import { contentHash, openStore } from "./store.js";

const PLAIN_MICROS = 15_000;
const LINK_MICROS = 200_000;

const Row = z.object({
  content: z.string().min(1),
  scheduledAt: z.string().optional(),
  timezone: z.string().optional(),
  account: z.string().optional(),
  tags: z.array(z.string().min(1).max(100)).max(20).default([]),
});
const File = z.object({ timezone: z.string().default("UTC"), posts: z.array(z.unknown()) });

const formats = new Map();

/** The offset of a zone at an instant, in milliseconds. */
function offsetAt(zone, instant) {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(zone, format);
  }
  const part = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, +value]));
  return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second) - instant;
}

/** The instant that a wall time means in a zone, or null. */
function instantOf(wall, zone) {
  const match = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d))?$/.exec(wall);
  if (!match) {
    const instant = /(?:Z|[+-]\d\d:\d\d)$/.test(wall) ? Date.parse(wall) : Number.NaN;
    return Number.isNaN(instant) ? null : instant;
  }
  const [year, month, day, hour, minute, second] = match.slice(1).map((part) => Number(part ?? 0));
  const utc = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(utc);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || hour > 23) return null;
  if (zone === "UTC") return utc;
  return utc - offsetAt(zone, utc - offsetAt(zone, utc));
}

/** Checks all rows; returns the posts, the errors, and how many rows are there already. */
export function check(bytes, isKnown, now) {
  const errors = [];
  const posts = [];
  let duplicates = 0;
  const file = File.parse(JSON.parse(bytes.toString("utf8")));
  const seen = new Set();
  file.posts.forEach((raw, index) => {
    const row = index + 1;
    const parsed = Row.safeParse(raw);
    if (!parsed.success) {
      errors.push({ row, message: parsed.error.issues[0].message });
      return;
    }
    const { content, scheduledAt, timezone, account, tags } = parsed.data;
    const { valid, weightedLength } = twitter.parseTweet(content);
    if (!valid) {
      errors.push({ row, message: `The text counts ${weightedLength} of 280.` });
      return;
    }
    const zone = timezone ?? file.timezone;
    const at = scheduledAt === undefined ? null : instantOf(scheduledAt, zone);
    if (scheduledAt !== undefined && at === null) {
      errors.push({ row, message: `"${scheduledAt}" is no time.` });
      return;
    }
    if (at !== null && at < now) {
      errors.push({ row, message: "The time has passed." });
      return;
    }
    const hash = contentHash(content);
    if (seen.has(hash) || isKnown(hash)) {
      duplicates += 1;
      return;
    }
    seen.add(hash);
    const hasLink = twitter.extractUrls(content).length > 0;
    posts.push({
      row,
      account: account ?? null,
      content,
      hash,
      scheduledAt: at,
      zone,
      status: at === null ? "draft" : "pending",
      costMicros: hasLink ? LINK_MICROS : PLAIN_MICROS,
      tags,
    });
  });
  return { posts, errors, duplicates };
}

function main([database, path, option]) {
  const took = {};
  const time = (name, work) => {
    const began = performance.now();
    const value = work();
    took[name] = performance.now() - began;
    return value;
  };
  const store = openStore(database);
  const now = Date.now();
  const bytes = time("read", () => readFileSync(path));
  const { posts, errors, duplicates } = time("check", () => check(bytes, store.isKnown, now));
  if (errors.length > 0) throw new Error(JSON.stringify(errors.slice(0, 3)));
  const id = time("write", () => {
    if (posts.length === 0) return null;
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return store.importPosts(path, sha256, posts, now);
  });
  if (option === "--undo") time("undo", () => store.undo(id, Date.now()));
  store.close();
  console.log(JSON.stringify({ imported: posts.length, duplicates, took }));
}

main(process.argv.slice(2));
