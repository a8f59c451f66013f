import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { resolve } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    hostUrl: string;
  }
}

const ROOT = resolve(import.meta.dirname, "../..");
const READY_TIMEOUT_MS = 60_000;

/**
 * Starts the program that carries the engine's operations over HTTP; the tests' worlds live in it.
 * It ends with its standard input, even when this process is killed.
 */
export default async function start(project: TestProject) {
  const host = spawn(program(), [], { stdio: ["pipe", "pipe", "inherit"] });
  const port = await new Promise<number>((done, fail) => {
    const timer = setTimeout(() => fail(new Error("the test host is not ready")), READY_TIMEOUT_MS);
    host.once("error", fail);
    host.once("exit", (code) => fail(new Error(`the test host ended with ${code}`)));
    createInterface({ input: host.stdout }).once("line", (line) => {
      clearTimeout(timer);
      done((JSON.parse(line) as { port: number }).port);
    });
  });
  project.provide("hostUrl", `http://127.0.0.1:${port}`);
  return () => {
    host.stdin.end();
  };
}

/** Returns the program: the one that was built before, where that is said, or a fresh one. */
function program(): string {
  const name = process.platform === "win32" ? "ui-test-host.exe" : "ui-test-host";
  const folder = process.env.ROOST_BIN_DIR ?? resolve(ROOT, "target/debug");
  if (process.env.ROOST_BIN_DIR === undefined) {
    const build = ["build", "--locked", "--quiet", "--package", "roost-ui-test-host"];
    execFileSync("cargo", build, { cwd: ROOT, stdio: "inherit" });
  }
  const path = resolve(folder, name);
  if (!existsSync(path))
    throw new Error(`${path} is not there: cargo build --package roost-ui-test-host`);
  return path;
}
