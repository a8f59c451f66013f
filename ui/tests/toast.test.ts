import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import Toast from "../src/components/Toast.svelte";
import { toast } from "../src/lib/state/toast.svelte";

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  toast.dismiss();
  cleanup();
  vi.useRealTimers();
});

const undo = { label: "Undo", run: vi.fn() };

it("a message that offers to undo leaves by itself, and not while it is looked at", async () => {
  render(Toast);
  toast.info("Cancelled.", undo);
  await vi.advanceTimersByTimeAsync(11_000);
  const shown = screen.getByText("Cancelled.").closest("[data-toast]");
  if (!shown) throw new Error("no message");
  await fireEvent.pointerEnter(shown);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(toast.current?.text).toBe("Cancelled.");
  await fireEvent.pointerLeave(shown);
  await vi.advanceTimersByTimeAsync(12_000);
  expect(screen.queryByText("Cancelled.")).toBeNull();
});

it("a refusal stays until the person dismisses it", async () => {
  render(Toast);
  toast.error("Too late to cancel.");
  await vi.advanceTimersByTimeAsync(600_000);
  await fireEvent.click(screen.getByRole("button", { name: "Dismiss" }));
  expect(toast.current).toBeNull();
});

it("what was offered is done once, and the message is gone", async () => {
  render(Toast);
  toast.info("Cancelled.", undo);
  await vi.advanceTimersByTimeAsync(1);
  await fireEvent.click(screen.getByRole("button", { name: "Undo" }));
  expect([undo.run.mock.calls.length, toast.current]).toEqual([1, null]);
});
