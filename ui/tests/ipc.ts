import { vi } from "vitest";
import type { Settings } from "../src/lib/ipc/bindings";
import { overview, report, saved } from "./fixtures";

const settings = (whenDisconnected: Settings["whenDisconnected"] = "hold"): Settings => ({
  zone: "Europe/Berlin",
  lateMinutes: 30,
  whenDisconnected,
});

/** The shell with a spy for each command; a test says what they answer. */
export function spiedShell() {
  return {
    painted: vi.fn(() => Promise.resolve(null)),
    overview: vi.fn(() => Promise.resolve(overview())),
    posts: vi.fn(() => Promise.resolve({ rows: [], total: 0, next: null })),
    post: vi.fn(),
    imports: vi.fn(() => Promise.resolve([])),
    zones: vi.fn(() => Promise.resolve(["America/New_York", "Asia/Kolkata", "Europe/Berlin"])),
    count: vi.fn((text: string) =>
      Promise.resolve({
        weighted: text.length,
        limit: 280,
        overflowAt: text.length > 280 ? 280 : null,
        cost: 15_000,
        hasLink: false,
      }),
    ),
    judge: vi.fn(() =>
      Promise.resolve({ scheduledAt: 0, utc: "03:30 UTC", errors: [], warnings: [] }),
    ),
    suggestTimes: vi.fn(() =>
      Promise.resolve([{ label: "In an hour", wallTime: "2027-03-01 09:00" }]),
    ),
    create: vi.fn(() => Promise.resolve(saved({ id: "made", status: "draft" }))),
    edit: vi.fn((id: string) => Promise.resolve(saved({ id }))),
    cancel: vi.fn(() => Promise.resolve({ cancelled: 1, cancelling: 0, tooLate: 0 })),
    cancelAccount: vi.fn(() => Promise.resolve({ cancelled: 3, cancelling: 0, tooLate: 0 })),
    remove: vi.fn(() => Promise.resolve({ cancelled: 1, cancelling: 0, tooLate: 0 })),
    retry: vi.fn(() => Promise.resolve(saved())),
    postToo: vi.fn(() => Promise.resolve(saved())),
    replace: vi.fn(() => Promise.resolve(null)),
    rehearseImport: vi.fn(() => Promise.resolve(report())),
    importFile: vi.fn(() => Promise.resolve(report({ importId: "import" }))),
    settings: vi.fn(() => Promise.resolve(settings())),
    prefer: vi.fn((wishes: Partial<Settings>) =>
      Promise.resolve(settings(wishes.whenDisconnected ?? "hold")),
    ),
    undoImport: vi.fn(() => Promise.resolve({ removed: 3, cancelling: 0, kept: 0 })),
  };
}

/** What `src/lib/ipc` is replaced by. */
export function ipcWith(shell: ReturnType<typeof spiedShell>) {
  return {
    shell,
    errorText: (error: unknown) => (error instanceof Error ? error.message : String(error)),
    onChange: vi.fn(),
    onQuitAsked: vi.fn(),
    onFileDrop: vi.fn(),
    pickFile: vi.fn(() => Promise.resolve("/home/me/week.json")),
    openInBrowser: vi.fn(),
  };
}
