/** What the engine or the shell refuses, as an error that the window can throw and show. */
import type { Failure, Problem } from "./api";

/** The engine refused an operation, or the shell a command. */
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

/** Returns what to throw for something that was refused: an {@link ApiError} where it is a failure. */
export function refusalOf(error: unknown): unknown {
  return isFailure(error) ? new ApiError(error) : error;
}

function isFailure(error: unknown): error is Failure {
  return typeof error === "object" && error !== null && "code" in error && "message" in error;
}
