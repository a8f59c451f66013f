/**
 * What only the desktop shell can do: carry an operation to the engine, tell of changes, open the
 * system's dialogs. A test puts another host in the place of this file.
 */
import { invoke } from "@tauri-apps/api/core";
import { listen, TauriEvent } from "@tauri-apps/api/event";
import { open, save } from "@tauri-apps/plugin-dialog";
import { openUrl } from "@tauri-apps/plugin-opener";
import { commands, events } from "./bindings";
import type {
  CaptureKey,
  ConnectedAccount,
  MovedOut,
  NoticeOpened,
  PairedWith,
  PairingOffer,
  PairingState,
  PairRequest,
  SignInPage,
  SignInRequest,
  UpdateOffer,
  UpdateStage,
  UpdateState,
} from "./bindings";
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

/** Calls `listener` when the person clicks on a notification of the system. */
export function onNoticeOpened(listener: (opened: NoticeOpened) => void): void {
  void events.noticeOpened.listen((event) => listener(event.payload));
}

/** Calls `listener` when the person presses the key for a new post, in whichever program. */
export function onCaptureAsked(listener: () => void): void {
  void events.captureAsked.listen(listener);
}

/** Takes the key for a new post that works in every program, or lets it go. */
export async function setQuickCapture(on: boolean): Promise<CaptureKey> {
  return commands.setQuickCapture(on);
}

/** How much larger everything is shown than its own size. */
let zoomFactor = 1;

/** Makes everything in the window larger or smaller, in percent of its own size. */
export async function setZoom(percent: number): Promise<void> {
  zoomFactor = percent / 100;
  await commands.setZoom(percent);
}

/** Calls `listener` when the system hands a link over; {@link openedLink} gives it. */
export function onLinkOpened(listener: () => void): void {
  void events.linkOpened.listen(listener);
}

/** Where something was dropped, in pixels of the page. */
export interface DropPlace {
  x: number;
  y: number;
}

/** Calls `over` while files hover above the window, and `dropped` with their paths. */
export function onFileDrop(
  over: (hovering: boolean) => void,
  dropped: (paths: string[], at: DropPlace) => void,
) {
  type Dragged = { paths: string[]; position: DropPlace };
  // The one window; the class that wraps these events would bring the whole of Tauri's window API.
  const options = { target: { kind: "Webview" as const, label: "main" } };
  for (const event of [TauriEvent.DRAG_ENTER, TauriEvent.DRAG_OVER])
    void listen(event, () => over(true), options);
  void listen(TauriEvent.DRAG_LEAVE, () => over(false), options);
  void listen<Dragged>(
    TauriEvent.DRAG_DROP,
    ({ payload: { paths, position } }) => {
      over(false);
      if (paths.length === 0) return;
      const scale = (window.devicePixelRatio || 1) * zoomFactor;
      dropped(paths, { x: position.x / scale, y: position.y / scale });
    },
    options,
  );
}

/** Asks for pictures or a video, with the system's own dialog; empty when the person chose none. */
export async function pickMedia(extensions: string[]): Promise<string[]> {
  const filters = [
    { name: "Pictures and videos", extensions },
    { name: "All files", extensions: ["*"] },
  ];
  const title = "Add pictures or a video";
  return (await open({ title, multiple: true, directory: false, filters })) ?? [];
}

/** Asks for files to import, with the system's own dialog; empty when the person chose none. */
export async function pickFiles(extensions: string[]): Promise<string[]> {
  const filters = [
    { name: "Files of posts", extensions },
    { name: "All files", extensions: ["*"] },
  ];
  const title = "Import posts";
  return (await open({ title, multiple: true, directory: false, filters })) ?? [];
}

/** Asks for a folder, with the system's own dialog; null when the person chose none. */
export async function pickFolder(title: string): Promise<string | null> {
  return open({ title, multiple: false, directory: true });
}

/** Asks where a file is to be saved, with the system's own dialog; null when the person chose none. */
export async function pickPlace(title: string, defaultPath: string): Promise<string | null> {
  return save({ title, defaultPath });
}

/** Puts a text on the system's clipboard. */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Where the engine had to be asked first, a web engine may no longer see the person's click in it.
    if (!copySelected(text)) throw new Error("The text could not be put on the clipboard.");
  }
}

/** Copies a text by selecting it; returns whether it was. */
function copySelected(text: string): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  field.style.position = "fixed";
  field.style.opacity = "0";
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  return isCopied;
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

/** Connects an account that the sandbox makes; nobody signs in there. */
export async function addSandboxAccount(username: string): Promise<ConnectedAccount> {
  return answerOf(await commands.addSandboxAccount(username));
}

/** Ends the sign-in that is under way. */
export async function cancelSignIn(): Promise<void> {
  await commands.cancelSignIn();
}

/** Asks for the sealed file of another computer, with the system's own dialog; null for none. */
export async function pickMove(): Promise<string | null> {
  return open({ title: "Move from another computer", multiple: false, directory: false });
}

/** Returns whether what another computer wrote can be taken in: nothing was begun here. */
export async function canMoveIn(): Promise<boolean> {
  return answerOf(await commands.canMoveIn());
}

/** Puts everything into a sealed file; nothing goes out from here after it. */
export async function moveOut(file: string, passphrase: string): Promise<MovedOut> {
  return answerOf(await commands.moveOut(file, passphrase));
}

/** Takes everything over from a sealed file; it is in use once Roost has started again. */
export async function moveIn(file: string, passphrase: string, keyInFile: boolean): Promise<void> {
  answerOf(await commands.moveIn(file, passphrase, keyInFile));
}

/** Returns which relay this computer is paired with. */
export async function pairingState(): Promise<PairingState> {
  return answerOf(await commands.pairingState());
}

/** Returns what a pairing link names; nothing is asked of the relay. */
export async function describePairingLink(link: string): Promise<PairingOffer> {
  return answerOf(await commands.describePairingLink(link));
}

/** Pairs this computer, as the person confirmed it. */
export async function pair(request: PairRequest): Promise<PairedWith> {
  return answerOf(await commands.pair(request));
}

/** Leaves the relay; posts go out from this computer after it. */
export async function unpair(oldRelayIsGone: boolean): Promise<void> {
  answerOf(await commands.unpair(oldRelayIsGone));
}

/** Has QStash at this address call the relay. Returns what could not be done yet. */
export async function keepSchedulerToken(token: string, url: string): Promise<string | null> {
  return answerOf(await commands.keepSchedulerToken(token, url));
}

/** Has the scheduler inside the relay call it. */
export async function useRelaysScheduler(): Promise<void> {
  answerOf(await commands.useRelaysScheduler());
}

/** Returns the pairing link that the system opened Roost with, once; null when there is none. */
export async function openedLink(): Promise<string | null> {
  return commands.openedLink();
}

/** Stops everything, and starts Roost again. */
export async function startAgain(): Promise<void> {
  await commands.startAgain();
}

/** Returns how this program can be updated, and from where. */
export async function updateState(): Promise<UpdateState> {
  return answerOf(await commands.updateState());
}

/** Keeps where updates come from; two empty texts forget it. */
export async function keepUpdateSource(address: string, key: string): Promise<void> {
  answerOf(await commands.keepUpdateSource(address, key));
}

/** Returns the newer version that the address offers; null when this one is the newest. */
export async function checkForUpdate(): Promise<UpdateOffer | null> {
  return answerOf(await commands.checkForUpdate());
}

/** Puts the newer version in place, once nothing is on its way; returns it. */
export async function installUpdate(): Promise<string> {
  return answerOf(await commands.installUpdate());
}

/** Gives up the update that is under way. */
export async function cancelUpdate(): Promise<void> {
  await commands.cancelUpdate();
}

/** Starts the newer version that is in place, unless something is on its way. */
export async function startUpdated(): Promise<void> {
  answerOf(await commands.startUpdated());
}

/** Calls `listener` with how far an update is. */
export function onUpdateStage(listener: (stage: UpdateStage) => void): void {
  void events.updateStage.listen((event) => listener(event.payload));
}

/** Returns what a command of the shell answered; throws its refusal. */
function answerOf<T>(result: { status: "ok"; data: T } | { status: "error"; error: unknown }): T {
  if (result.status === "error") throw refusalOf(result.error);
  return result.data;
}
