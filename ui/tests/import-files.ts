/** Files to import, and what the tests of the import do with the window again and again. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { api } from "../src/lib/ipc";
import { importing } from "../src/lib/state/importing.svelte";
import { until } from "./world";

const folder = mkdtempSync(join(tmpdir(), "roost-import-"));

/** Removes the files. */
export function removeFiles(): void {
  rmSync(folder, { recursive: true });
}

/** Returns the path of a file that is there or is to be written. */
export function place(name: string): string {
  return join(folder, name);
}

/** Writes a file and returns its path. */
export function file(name: string, content: unknown): string {
  const path = place(name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

/** Returns a CSV of a header and rows. */
export function csv(header: string, ...rows: string[]): string {
  return [header, ...rows, ""].join("\r\n");
}

/** Returns a file's content: a post a day in March 2031, at nine. */
export function week(texts: string[], more: Record<string, unknown> = {}) {
  const posts = texts.map((content, index) => ({
    content,
    scheduledAt: `2031-03-0${index + 1} 09:00`,
    ...more,
  }));
  return { timezone: "Asia/Kolkata", posts };
}

/** Opens files in the window. */
export async function open(...paths: string[]): Promise<void> {
  await importing.openFiles(paths);
  if (importing.problem !== null) throw new Error(importing.problem);
}

/** Returns the posts that a search finds, each with its account, in their order. */
export async function listed(search: string): Promise<[string, string | null][]> {
  const { posts } = await api.list_posts({ view: "all", search });
  return posts.map(({ text, username }) => [text, username]);
}

/** Picks from a select of the window. */
export async function pick(id: string, option: RegExp): Promise<void> {
  await userEvent.click(found(`[data-select="${id}"]`));
  await userEvent.click(await screen.findByRole("option", { name: option }));
}

/** Waits until the engine has judged what was asked. */
export async function judged(): Promise<void> {
  await until(() => {
    if (importing.busy !== null) throw new Error(`still ${importing.busy}`);
  });
}

/** Returns the first element for a selector. */
export function found(selector: string): HTMLElement {
  const element = document.querySelector<HTMLElement>(selector);
  if (!element) throw new Error(`no ${selector}`);
  return element;
}

/** Returns what becomes of each row that is drawn. */
export function outcomes(): (string | undefined)[] {
  const rows = document.querySelectorAll<HTMLElement>("[data-import-row]");
  return [...rows].map((row) => row.dataset.outcome);
}

/** Returns the words of an element, with single blanks. */
export function words(selector: string): string {
  return found(selector).textContent.replace(/\s+/g, " ").trim();
}
