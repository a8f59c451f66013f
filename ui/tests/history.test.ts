import { render, screen, within } from "@testing-library/svelte";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import HistorySheet from "../src/components/HistorySheet.svelte";
import { act } from "../src/lib/actions";
import { api } from "../src/lib/ipc";
import { onKey } from "../src/lib/keys";
import { history } from "../src/lib/state/history.svelte";
import { toast } from "../src/lib/state/toast.svelte";
import { end, scheduled, start, until } from "./world";

beforeAll(() => start());
afterAll(end);
beforeEach(() => {
  history.open = false;
  history.asked = null;
  toast.dismiss();
});

function press(key: string, options: KeyboardEventInit, target: EventTarget = document.body) {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...options });
  Object.defineProperty(event, "target", { value: target });
  onKey(event);
  return event;
}

const text = async (id: string) => (await api.get_post({ id })).row.text;
const there = async (search: string) => (await api.list_posts({ view: "all", search })).total;

describe("history", () => {
  it("undoes and redoes by keys, and leaves a field its own undo", async () => {
    const { id } = await scheduled("aswritten", { wall_time: "2031-03-01 09:00" });
    await api.edit_post({ id, change: { text: "asedited" } });
    const typed = press("z", { ctrlKey: true }, document.createElement("textarea"));
    expect(typed.defaultPrevented).toBe(false);
    press("z", { ctrlKey: true });
    await until(async () => expect(await text(id)).toBe("aswritten"));
    await until(() => expect(toast.current?.text).toContain("Undone: Changed 1 post."));
    press("Z", { metaKey: true, shiftKey: true });
    await until(async () => expect(await text(id)).toBe("asedited"));
  });

  it("offers to undo a deletion in its message", async () => {
    const row = await scheduled("thrownaway", { wall_time: "2031-03-02 09:00" });
    await act("delete", row);
    expect(await there("thrownaway")).toBe(0);
    expect(toast.current?.action?.label).toBe("Undo");
    toast.current?.action?.run();
    await until(async () => expect(await there("thrownaway")).toBe(1));
  });

  it("lists the steps, and undoes to one of them after it said what that does", async () => {
    await scheduled("keepme", { wall_time: "2031-03-03 09:00" });
    const { id } = await scheduled("takeback", { wall_time: "2031-03-04 09:00" });
    const { undo } = await api.list_history({ limit: 1 });
    await api.edit_post({ id, change: { text: "takebackchanged" } });
    render(HistorySheet);
    await history.show();
    const row = await until(() => {
      const found = document.querySelector<HTMLElement>(`[data-step="${String(undo)}"]`);
      if (!found) throw new Error("not listed");
      return found;
    });
    within(row).getByText("Undo to here").click();
    await until(() => expect(screen.getByText("Undo 2 steps:")).toBeTruthy());
    expect(await there("takebackchanged")).toBe(1);
    document.querySelector<HTMLElement>("[data-agree]")?.click();
    await until(async () => expect(await there("takebackchanged")).toBe(0));
    expect(await there("keepme")).toBe(1);
    await until(() => expect(row.isConnected || history.steps.length > 0).toBe(true));
    await until(() => expect(history.steps.find((step) => step.id === undo)?.state).toBe("undone"));
  });
});
