/**
 * The window's only door to the engine and the shell. Everything else imports from here, so that it
 * runs in a test without Tauri.
 */
import { client } from "./api";
import type { Failure, Problem } from "./api";
import { call } from "./host";

export type * from "./api";
export type { ConnectedAccount, SignInPage, SignInRequest } from "./bindings";
export { STATUS_WORDS, STEP_LABELS } from "./api";
export {
  beginSignIn,
  cancelSignIn,
  finishSignIn,
  onChange,
  onFileDrop,
  onQuitAsked,
  openInBrowser,
  painted,
  pasteSignIn,
  pickFile,
  quit,
  sampleFile,
} from "./host";

/** The engine refused an operation. */
export class ApiError extends Error {
  readonly code: string;
  readonly problems: Problem[];
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.name = "ApiError";
    this.code = failure.code;
    this.problems = failure.problems;
    this.failure = failure;
  }
}

/** The engine's operations, each by its name; a refusal is thrown as {@link ApiError}. */
export const api = client(async (operation, params) => {
  try {
    return await call(operation, params);
  } catch (error) {
    throw isFailure(error) ? new ApiError(error) : error;
  }
});

/** Returns what a person reads when something was refused. */
export function errorText(error: unknown): string {
  if (error instanceof Error) return error.message;
  return typeof error === "string" ? error : "Something went wrong. Please try again.";
}

function isFailure(error: unknown): error is Failure {
  return typeof error === "object" && error !== null && "code" in error && "message" in error;
}
