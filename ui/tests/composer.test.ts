import { render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import Composer from "../src/components/Composer.svelte";
import { composer } from "../src/lib/state/composer.svelte";
import { row, saved } from "./fixtures";

const { shell } = await vi.hoisted(async () => {
  const { spiedShell } = await import("./ipc");
  return { shell: spiedShell() };
});
vi.mock("../src/lib/ipc", async () => (await import("./ipc")).ipcWith(shell));

async function typed(text: string) {
  const user = userEvent.setup();
  render(Composer);
  const area = screen.getByLabelText("Text of the post");
  await user.type(area, text);
  return user;
}

describe("the composer", () => {
  beforeEach(async () => {
    composer.discard();
    await composer.close();
    vi.clearAllMocks();
    localStorage.clear();
    await composer.openNew();
  });

  it("keeps a text as a draft from its first letters on", async () => {
    await typed("Hello");
    await vi.waitFor(() => expect(composer.saveState).toBe("saved"));
    expect(shell.create).toHaveBeenCalledTimes(1);
    expect(shell.create).toHaveBeenCalledWith(
      expect.objectContaining({ text: "Hello", draft: true }),
    );
  });

  it("writes one draft, however long one types", async () => {
    const user = await typed("Hello");
    await vi.waitFor(() => expect(composer.saveState).toBe("saved"));
    await user.type(screen.getByLabelText("Text of the post"), " world");
    await vi.waitFor(() =>
      expect(shell.edit).toHaveBeenCalledWith(
        "made",
        expect.objectContaining({ text: "Hello world" }),
      ),
    );
    expect(shell.create).toHaveBeenCalledTimes(1);
  });

  it("loses nothing when it is closed at once", async () => {
    await typed("Quick");
    await composer.close();
    expect(shell.create).toHaveBeenCalledWith(expect.objectContaining({ text: "Quick" }));
    expect(composer.open).toBe(false);
  });

  it("stays open when the draft could not be kept", async () => {
    shell.create.mockRejectedValueOnce(new Error("The disk is full."));
    await typed("Precious");
    await composer.close();
    expect(composer.open).toBe(true);
    expect(await screen.findByText("The disk is full.")).toBeTruthy();
  });

  it("schedules the kept draft, and no second post", async () => {
    const user = await typed("Hello");
    await vi.waitFor(() => expect(composer.saveState).toBe("saved"));
    await user.keyboard("{Control>}{Enter}{/Control}");
    await vi.waitFor(() => expect(composer.open).toBe(false));
    expect(shell.edit).toHaveBeenLastCalledWith("made", {
      text: "Hello",
      wallTime: "2027-03-01 09:00",
      zone: "Asia/Kolkata",
      restore: false,
    });
    expect(shell.create).toHaveBeenCalledTimes(1);
  });

  it("does not schedule what is too long", async () => {
    await typed("Hello");
    shell.count.mockResolvedValueOnce({
      weighted: 281,
      limit: 280,
      overflowAt: 280,
      cost: 15_000,
      hasLink: false,
    });
    await composer.countText();
    expect(composer.ready).toBe(false);
  });

  it("says that it schedules a cancelled post again, and asks for that", async () => {
    shell.edit.mockResolvedValue(saved());
    render(Composer);
    await composer.openFor(row({ text: "Second thoughts", status: "cancelled" }));
    expect(await screen.findByRole("button", { name: /Schedule again/ })).toBeTruthy();
    await composer.schedule();
    expect(shell.edit).toHaveBeenLastCalledWith(
      expect.any(String),
      expect.objectContaining({ restore: true }),
    );
  });

  it("asks before it throws a change of a scheduled post away", async () => {
    composer.discard();
    await composer.close();
    shell.edit.mockResolvedValue(saved());
    await composer.openFor(row({ text: "Old" }));
    composer.text = "New";
    await composer.close();
    expect(composer.open).toBe(true);
    expect(composer.confirmDiscard).toBe(true);
    expect(shell.edit).not.toHaveBeenCalled();
    composer.discard();
    expect(composer.open).toBe(false);
  });

  it("keeps the change when it is left twice", async () => {
    composer.discard();
    await composer.close();
    await composer.openFor(row({ text: "Old" }));
    composer.text = "New";
    await composer.close();
    await composer.close();
    expect(composer.open).toBe(true);
    expect(composer.confirmDiscard).toBe(false);
    expect(composer.text).toBe("New");
  });
});
