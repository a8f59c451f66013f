/**
 * What only the desktop shell can do: carry an operation to the engine, tell of changes, open the
 * system's dialogs. A test puts another host in the place of this file.
 */
import { invoke } from "@tauri-apps/api/core";
import { getCurrentWebview } from "@tauri-apps/api/webview";
import { open } from "@tauri-apps/plugin-dialog";
import { openUrl } from "@tauri-apps/plugin-opener";
import { commands, events } from "./bindings";
import type { ConnectedAccount, SignInPage, SignInRequest } from "./bindings";
import type { Change } from "./api";
import { refusalOf } from "./refusal";

/** Carries an operation out; rejects with the engine's `Failure`. */
export function call(operation: string, params: unknown): Promise<unknown> {
  return invoke("call", { operation, params });
}

/** Calls `listener` with every change in the store or outside. */
export function onChange(listener: (change: Change) => void): void {
  void events.changed.listen((event) => listener(event.payload as unknown as Change));
}

/** Calls `listener` when the shell asks before it quits, with what would not go out. */
export function onQuitAsked(listener: (warning: string) => void): void {
  void events.quitAsked.listen((event) => listener(event.payload.warning));
}

/** Calls `over` while a file hovers above the window, and `dropped` with its path. */
export function onFileDrop(over: (hovering: boolean) => void, dropped: (path: string) => void) {
  void getCurrentWebview().onDragDropEvent(({ payload }) => {
    over(payload.type === "enter" || payload.type === "over");
    const path = payload.type === "drop" ? payload.paths[0] : undefined;
    if (path !== undefined) dropped(path);
  });
}

/** Asks for a file to import, with the system's own dialog; null when the person chose none. */
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

/** Quits, whatever would not go out. */
export async function quit(): Promise<void> {
  await commands.quit();
}

/** Tells the shell that the window's first picture is on the screen. */
export async function painted(): Promise<void> {
  await commands.painted();
}

/** Returns the path of a file that a newcomer may import to try things, where there is one. */
export async function sampleFile(): Promise<string | null> {
  return commands.sampleFile();
}

/** Begins a sign-in with X; returns the page for the person's browser. */
export async function beginSignIn(request: SignInRequest): Promise<SignInPage> {
  return answerOf(await commands.beginSignIn(request));
}

/** Waits until the person has allowed it on X's page; returns the account that was connected. */
export async function finishSignIn(): Promise<ConnectedAccount> {
  return answerOf(await commands.finishSignIn());
}

/** Takes the address that the browser ended on. */
export async function pasteSignIn(address: string): Promise<void> {
  answerOf(await commands.pasteSignIn(address));
}

/** Ends the sign-in that is under way. */
export async function cancelSignIn(): Promise<void> {
  await commands.cancelSignIn();
}

/** Returns what a command of the shell answered; throws its refusal. */
function answerOf<T>(result: { status: "ok"; data: T } | { status: "error"; error: unknown }): T {
  if (result.status === "error") throw refusalOf(result.error);
  return result.data;
}
