/**
 * Stands where the desktop shell stands: the real engine, relay, scheduler and X sandbox, over HTTP.
 * Only the system's dialogs and the browser are left out; a test says what the person chose.
 */
import { inject, vi } from "vitest";
import type {
  CaptureKey,
  Change,
  PairingState,
  UpdateOffer,
  UpdateStage,
  UpdateState,
} from "../src/lib/ipc";

/** Where a world is reached; none before the first one. */
let world: { url: string; sandbox: string } | null = null;
let isCut = false;
let listener: (change: Change) => void = () => undefined;

/**
 * Puts a fresh world behind the window: its own store, services and sandbox. Without `runs` the
 * engine hands over and learns only when it is asked to.
 */
export async function newWorld(accounts = ["ada", "grace"], runs = true): Promise<void> {
  const host = inject("hostUrl");
  const wanted = { accounts, runs };
  const made = await json<{ world: number; sandbox: string }>(`${host}/worlds`, wanted);
  world = { url: `${host}/worlds/${made.world}`, sandbox: made.sandbox.replace(/\/$/, "") };
  isCut = false;
  void follow(world.url);
}

/** Ends the world behind the window. */
export async function endWorld(): Promise<void> {
  if (world) await fetch(world.url, { method: "DELETE" });
  world = null;
}

/** Lets no call reach the engine, or again each one. */
export function cut(to: boolean): void {
  isCut = to;
}

/** Carries an operation out as another process over the same store does. */
export async function beside<T>(operation: string, params: unknown): Promise<T> {
  return json<T>(`${here().url}/beside`, { operation, params });
}

/** Starts or stops relay and scheduler, or X. */
export async function running(which: "services" | "x", state: "start" | "stop"): Promise<void> {
  const answer = await fetch(`${here().url}/running/${which}/${state}`, { method: "POST" });
  if (!answer.ok) throw new Error(await answer.text());
}

/** Arms a fault of the sandbox. */
export async function fault(fault: Record<string, unknown>): Promise<void> {
  await json(`${here().sandbox}/_sandbox/faults`, fault);
}

/** Disarms every fault of the sandbox. */
export async function noFaults(): Promise<void> {
  await fetch(`${here().sandbox}/_sandbox/faults`, { method: "DELETE" });
}

/** Has X refuse an account's sign-in from now on. */
export async function signOut(username: string): Promise<void> {
  const answer = await fetch(`${here().sandbox}/_sandbox/accounts/${username}/disconnect`, {
    method: "POST",
  });
  if (!answer.ok) throw new Error(await answer.text());
}

/** Returns the texts that X was asked to post, in their order. */
export async function textsOnX(): Promise<string[]> {
  const answer = await fetch(`${here().sandbox}/_sandbox/ledger`);
  const entries = (await answer.json()) as { text?: string; accepted: boolean }[];
  return entries.flatMap(({ text, accepted }) => (accepted && text !== undefined ? [text] : []));
}

// What `src/lib/ipc/host` exports.

export async function call(operation: string, params: unknown): Promise<unknown> {
  if (isCut) throw new Error("The engine can't be reached.");
  const answer = await post(`${here().url}/call`, { operation, params });
  if (answer.status === 422) throw await answer.json();
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

export function onChange(told: (change: Change) => void): void {
  listener = told;
}

// X's page is for a person in a browser; the sign-in itself has its own tests.
export const beginSignIn = vi.fn();
export const finishSignIn = vi.fn();
export const pasteSignIn = vi.fn();
export const addSandboxAccount = vi.fn();
export const cancelSignIn = vi.fn(() => Promise.resolve());

// Pairing changes the process that the window runs in; the shell's part has its own tests.
export const pairingState = vi.fn((): Promise<PairingState> =>
  Promise.resolve({ relay: null, has_qstash: false }),
);
export const describePairingLink = vi.fn();
export const pair = vi.fn();
export const unpair = vi.fn((isGone: boolean) => Promise.resolve(void isGone));
export const keepSchedulerToken = vi.fn((token: string, url: string) => {
  void [token, url];
  return Promise.resolve<string | null>(null);
});
export const useRelaysScheduler = vi.fn(() => Promise.resolve());
export const openedLink = vi.fn((): Promise<string | null> => Promise.resolve(null));
// The sealed file has its own tests, and so has the shell's part in it.
export const canMoveIn = vi.fn(() => Promise.resolve(false));
export const moveOut = vi.fn((file: string, passphrase: string) => {
  void passphrase;
  return Promise.resolve({ file, bytes: 2_000_000, has_pairing: true });
});
export const moveIn = vi.fn((file: string, passphrase: string, keyInFile: boolean) => {
  void [file, passphrase, keyInFile];
  return Promise.resolve();
});
export const pickMove = vi.fn((): Promise<string | null> => Promise.resolve(null));
export const startAgain = vi.fn(() => Promise.resolve());

// Replacing the program has its own tests, and so has the shell's part in it.
export const updateState = vi.fn((): Promise<UpdateState> =>
  Promise.resolve({
    version: "0.1.0",
    can_replace: false,
    installation: "This is a development build: it is updated by building it again.",
    source: null,
    installed: null,
  }),
);
export const keepUpdateSource = vi.fn((address: string, key: string) => {
  void [address, key];
  return Promise.resolve();
});
export const checkForUpdate = vi.fn((): Promise<UpdateOffer | null> => Promise.resolve(null));
export const installUpdate = vi.fn((): Promise<string> => Promise.resolve("0.2.0"));
export const cancelUpdate = vi.fn(() => Promise.resolve());
export const startUpdated = vi.fn(() => Promise.resolve());
export const onUpdateStage = vi.fn((listener: (stage: UpdateStage) => void) => void listener);

export const onLinkOpened = vi.fn();
export const onCaptureAsked = vi.fn();
export const setZoom = vi.fn((percent: number) => Promise.resolve(void percent));
export const setQuickCapture = vi.fn((on: boolean): Promise<CaptureKey> =>
  Promise.resolve({ keys: "Ctrl Shift Alt T", is_on: on, problem: null }),
);
export const onNoticeOpened = vi.fn();
export const onQuitAsked = vi.fn();
export const onFileDrop = vi.fn();
export const openInBrowser = vi.fn((url: string) => Promise.resolve(void url));
export const pickFiles = vi.fn((): Promise<string[]> => Promise.resolve([]));
export const pickMedia = vi.fn((): Promise<string[]> => Promise.resolve([]));
export const pickFolder = vi.fn((): Promise<string | null> => Promise.resolve(null));
export const pickPlace = vi.fn((): Promise<string | null> => Promise.resolve(null));
export const copyText = vi.fn((text: string) => Promise.resolve(void text));
export const quit = vi.fn(() => Promise.resolve());
export const painted = vi.fn(() => Promise.resolve());
export const sampleFile = vi.fn((): Promise<string | null> => Promise.resolve(null));

/** Passes on what changes in a world, for as long as the window looks at it. */
async function follow(url: string): Promise<void> {
  let after = 0;
  while (world?.url === url) {
    const answer = await fetch(`${url}/changes?after=${after}`).catch(() => null);
    if (!answer?.ok) return;
    const changes = (await answer.json()) as Change[];
    after += changes.length;
    if (world?.url === url) changes.forEach((change) => listener(change));
  }
}

function here() {
  if (!world) throw new Error("no world: call newWorld first");
  return world;
}

function post(url: string, body: unknown): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
}

async function json<T>(url: string, body: unknown): Promise<T> {
  const answer = await post(url, body);
  if (!answer.ok) throw new Error(`${url}: ${await answer.text()}`);
  return (await answer.json()) as T;
}
