/**
 * The window's only door to the shell. Everything else imports from here, so that it runs in a
 * test without Tauri.
 */
import { getCurrentWebview } from "@tauri-apps/api/webview";
import { open } from "@tauri-apps/plugin-dialog";
import { openUrl } from "@tauri-apps/plugin-opener";
import { commands, events } from "./bindings";
import type { Failure } from "./bindings";

export type * from "./bindings";

/** A command was refused, in words for the person. */
export class Refused extends Error {
  readonly code: string;

  constructor(failure: Failure) {
    super(failure.message);
    this.name = "Refused";
    this.code = failure.code;
  }
}

/** What a person reads when something was refused. */
export function wordsOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  return typeof error === "string" ? error : "Something went wrong. Please try again.";
}

type Answer<T> = { status: "ok"; data: T } | { status: "error"; error: Failure };

async function told<T>(answer: Promise<Answer<T>>): Promise<T> {
  const result = await answer;
  if (result.status === "error") throw new Refused(result.error);
  return result.data;
}

/** The commands of the shell; a refusal is thrown as {@link Refused}. */
export const shell = {
  overview: () => told(commands.overview()),
  posts: (query: Parameters<typeof commands.posts>[0]) => told(commands.posts(query)),
  post: (id: string) => told(commands.post(id)),
  imports: () => told(commands.imports()),
  zones: () => commands.zones(),
  count: (text: string) => told(commands.count(text)),
  judge: (post: Parameters<typeof commands.judge>[0]) => told(commands.judge(post)),
  suggestTimes: (zone: string) => told(commands.suggestTimes(zone)),
  create: (post: Parameters<typeof commands.create>[0]) => told(commands.create(post)),
  edit: (id: string, edit: Parameters<typeof commands.edit>[1]) => told(commands.edit(id, edit)),
  cancel: (ids: string[]) => told(commands.cancel(ids)),
  cancelAccount: (xUserId: string) => told(commands.cancelAccount(xUserId)),
  remove: (ids: string[]) => told(commands.remove(ids)),
  retry: (id: string) => told(commands.retry(id)),
  postToo: (id: string) => told(commands.postToo(id)),
  replace: (id: string) => told(commands.replace(id)),
  verify: (id: string) => told(commands.verify(id)),
  wentOut: (id: string, tweet: string) => told(commands.wentOut(id, tweet)),
  sendAgain: (id: string) => told(commands.sendAgain(id)),
  rehearseImport: (path: string, options: Parameters<typeof commands.rehearseImport>[1]) =>
    told(commands.rehearseImport(path, options)),
  importFile: (path: string, options: Parameters<typeof commands.importFile>[1]) =>
    told(commands.importFile(path, options)),
  undoImport: (id: string) => told(commands.undoImport(id)),
  pause: (paused: boolean) => told(commands.pause(paused)),
  tryNow: () => told(commands.tryNow()),
  settings: () => told(commands.settings()),
  prefer: (wishes: Parameters<typeof commands.prefer>[0]) => told(commands.prefer(wishes)),
  quit: () => told(commands.quit()),
  painted: () => commands.painted(),
};

/** Calls `listener` whenever something changed in the store or outside. */
export function onChange(listener: () => void): void {
  void events.changed.listen(listener);
}

/** Calls `listener` when the shell asks before it quits, with what would not go out. */
export function onQuitAsked(listener: (warning: string) => void): void {
  void events.quitAsked.listen((event) => {
    listener(event.payload.warning);
  });
}

/** Calls `over` while a file hovers above the window, and `dropped` with its path. */
export function onFileDrop(over: (hovering: boolean) => void, dropped: (path: string) => void) {
  void getCurrentWebview().onDragDropEvent(({ payload }) => {
    over(payload.type === "enter" || payload.type === "over");
    const path = payload.type === "drop" ? payload.paths[0] : undefined;
    if (path !== undefined) dropped(path);
  });
}

/** Asks for a file to import, with the system's own dialog. */
export async function pickFile(): Promise<string | null> {
  return open({
    title: "Import posts",
    multiple: false,
    directory: false,
    filters: [{ name: "Posts (JSON)", extensions: ["json"] }],
  });
}

/** Opens an address in the person's browser. */
export async function openInBrowser(url: string): Promise<void> {
  await openUrl(url);
}
