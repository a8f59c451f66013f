/**
 * The window's only door to the engine and the shell. Everything else imports from here, so that it
 * runs in a test without Tauri.
 */
import { client } from "./api";
import { call } from "./host";
import { refusalOf } from "./refusal";

export type * from "./api";
export type {
  CaptureKey,
  ConnectedAccount,
  MovedOut,
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
export { FIELD_LABELS, STATUS_WORDS, STEP_LABELS } from "./api";
export {
  addSandboxAccount,
  beginSignIn,
  canMoveIn,
  cancelSignIn,
  cancelUpdate,
  checkForUpdate,
  copyText,
  describePairingLink,
  finishSignIn,
  installUpdate,
  keepSchedulerToken,
  keepUpdateSource,
  moveIn,
  moveOut,
  useRelaysScheduler,
  onCaptureAsked,
  onChange,
  onFileDrop,
  onLinkOpened,
  onNoticeOpened,
  onQuitAsked,
  onUpdateStage,
  openedLink,
  openInBrowser,
  painted,
  pair,
  pairingState,
  pasteSignIn,
  pickFiles,
  pickFolder,
  pickMedia,
  pickMove,
  pickPlace,
  quit,
  sampleFile,
  setQuickCapture,
  setZoom,
  startAgain,
  startUpdated,
  unpair,
  updateState,
} from "./host";
export { ApiError } from "./refusal";

/** The engine's operations, each by its name; a refusal is thrown as {@link ApiError}. */
export const api = client(async (operation, params) => {
  try {
    return await call(operation, params);
  } catch (error) {
    throw refusalOf(error);
  }
});

/** Returns what a person reads when something was refused. */
export function errorText(error: unknown): string {
  if (error instanceof Error) return error.message;
  return typeof error === "string" ? error : "Something went wrong. Please try again.";
}
