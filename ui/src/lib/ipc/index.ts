/**
 * The window's only door to the shell. Everything else imports from here, so that it runs in a
 * test without Tauri.
 */
import { getCurrentWebview } from "@tauri-apps/api/webview";
import { open } from "@tauri-apps/plugin-dialog";
import { openUrl } from "@tauri-apps/plugin-opener";
import { client } from "./api";
import type * as Api from "./api";
import { commands, events } from "./bindings";
import type { Failure } from "./bindings";

export type * from "./bindings";
export { STATUS_WORDS } from "./api";

/** A command was refused, in words for the person. */
export class ApiError extends Error {
  readonly code: string;
  /** What must be mended, field by field. */
  readonly problems: Api.Problem[];

  constructor(failure: Failure | Api.Failure) {
    super(failure.message);
    this.name = "ApiError";
    this.code = failure.code;
    this.problems = "problems" in failure ? failure.problems : [];
  }
}

/** What a person reads when something was refused. */
export function errorText(error: unknown): string {
  if (error instanceof Error) return error.message;
  return typeof error === "string" ? error : "Something went wrong. Please try again.";
}

type Result<T> = { status: "ok"; data: T } | { status: "error"; error: Failure };

async function unwrap<T>(command: Promise<Result<T>>): Promise<T> {
  const result = await command;
  if (result.status === "error") throw new ApiError(result.error);
  return result.data;
}

/** The engine's operations, each by its name; a refusal is thrown as {@link ApiError}. */
export const api = client(async (operation, params) => {
  const result = await commands.call(operation, params);
  if (result.status === "error") throw new ApiError(result.error as Api.Failure);
  return result.data;
});

/** The commands of the shell; a refusal is thrown as {@link ApiError}. */
export const shell = {
  overview: () => unwrap(commands.overview()),
  posts: (query: Parameters<typeof commands.posts>[0]) => unwrap(commands.posts(query)),
  post: (id: string) => unwrap(commands.post(id)),
  imports: () => unwrap(commands.imports()),
  zones: () => commands.zones(),
  count: (text: string) => unwrap(commands.count(text)),
  judge: (post: Parameters<typeof commands.judge>[0]) => unwrap(commands.judge(post)),
  suggestTimes: (zone: string) => unwrap(commands.suggestTimes(zone)),
  create: (post: Parameters<typeof commands.create>[0]) => unwrap(commands.create(post)),
  edit: (id: string, edit: Parameters<typeof commands.edit>[1]) => unwrap(commands.edit(id, edit)),
  cancel: (ids: string[]) => unwrap(commands.cancel(ids)),
  cancelAccount: (xUserId: string) => unwrap(commands.cancelAccount(xUserId)),
  remove: (ids: string[]) => unwrap(commands.remove(ids)),
  retry: (id: string) => unwrap(commands.retry(id)),
  postToo: (id: string) => unwrap(commands.postToo(id)),
  replace: (id: string) => unwrap(commands.replace(id)),
  verify: (id: string) => unwrap(commands.verify(id)),
  wentOut: (id: string, tweet: string) => unwrap(commands.wentOut(id, tweet)),
  sendAgain: (id: string) => unwrap(commands.sendAgain(id)),
  rehearseImport: (path: string, options: Parameters<typeof commands.rehearseImport>[1]) =>
    unwrap(commands.rehearseImport(path, options)),
  importFile: (path: string, options: Parameters<typeof commands.importFile>[1]) =>
    unwrap(commands.importFile(path, options)),
  undoImport: (id: string) => unwrap(commands.undoImport(id)),
  pause: (paused: boolean) => unwrap(commands.pause(paused)),
  tryNow: () => unwrap(commands.tryNow()),
  settings: () => unwrap(commands.settings()),
  prefer: (wishes: Parameters<typeof commands.prefer>[0]) => unwrap(commands.prefer(wishes)),
  quit: () => unwrap(commands.quit()),
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
