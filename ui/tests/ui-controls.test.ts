import { cleanup, render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { createRawSnippet } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import Choice from "../src/components/ui/Choice.svelte";
import Dialog from "../src/components/ui/Dialog.svelte";
import Menu from "../src/components/ui/Menu.svelte";
import Pill from "../src/components/ui/Pill.svelte";
import Progress from "../src/components/ui/Progress.svelte";
import Select from "../src/components/ui/Select.svelte";
import Switch from "../src/components/ui/Switch.svelte";
import { violations } from "./axe";
import { layOut } from "./layout";

beforeEach(() => layOut());
afterEach(() => cleanup());

const options = [
  { value: "skip", label: "Are left out" },
  { value: "draft", label: "Become drafts", hint: "Without a time" },
];
const text = (words: string) => createRawSnippet(() => ({ render: () => `<span>${words}</span>` }));

describe("a select", () => {
  const shown = (onpick: (value: string) => void) =>
    render(Select, { options, value: "skip", label: "Times in the past", onpick });

  it("says what is chosen, and picks with the mouse", async () => {
    const onpick = vi.fn();
    shown(onpick);
    const trigger = screen.getByRole("combobox", { name: "Times in the past: Are left out" });
    await userEvent.click(trigger);
    expect(await violations()).toEqual([]);
    await userEvent.click(await screen.findByRole("option", { name: /Become drafts/ }));
    expect(onpick).toHaveBeenCalledExactlyOnceWith("draft");
  });

  it("picks with the keys", async () => {
    const onpick = vi.fn();
    shown(onpick);
    await userEvent.tab();
    await userEvent.keyboard("{ArrowDown}");
    await screen.findByRole("listbox");
    await userEvent.keyboard("{ArrowDown}{Enter}");
    expect(onpick).toHaveBeenCalledExactlyOnceWith("draft");
  });

  it("keeps Escape from what is behind it", async () => {
    const behind = vi.fn();
    const listen = (event: KeyboardEvent) => {
      if (!event.defaultPrevented) behind();
    };
    window.addEventListener("keydown", listen);
    shown(() => undefined);
    await userEvent.click(screen.getByRole("combobox"));
    await screen.findByRole("listbox");
    await userEvent.keyboard("{Escape}");
    await vi.waitFor(() => expect(screen.queryByRole("listbox")).toBeNull());
    window.removeEventListener("keydown", listen);
    expect(behind).not.toHaveBeenCalled();
  });
});

it("a choice has one value, whatever is clicked", async () => {
  const onpick = vi.fn();
  render(Choice, { options, value: "skip", label: "What becomes of them", onpick });
  await userEvent.click(screen.getByRole("radio", { name: "Are left out" }));
  expect(onpick).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole("radio", { name: "Become drafts" }));
  expect(onpick).toHaveBeenCalledExactlyOnceWith("draft");
  expect(await violations()).toEqual([]);
});

it("a switch says what it turns, and turns", async () => {
  const onturn = vi.fn();
  render(Switch, { on: false, label: "Append links", hint: "They cost more", id: "links", onturn });
  await userEvent.click(screen.getByRole("switch", { name: /Append links/ }));
  expect(onturn).toHaveBeenCalledExactlyOnceWith(true);
  expect(await violations()).toEqual([]);
});

it("a pill says whether it is chosen", async () => {
  const onpick = vi.fn();
  render(Pill, { on: true, text: "8 errors", colour: "red", id: "errors", onpick });
  const pill = screen.getByRole("button", { name: "8 errors" });
  expect(pill.getAttribute("aria-pressed")).toBe("true");
  await userEvent.click(pill);
  expect(onpick).toHaveBeenCalledOnce();
  expect(await violations()).toEqual([]);
});

it("a menu does what is picked", async () => {
  const run = vi.fn();
  const items = [
    { id: "csv", label: "CSV", run: () => undefined },
    { id: "json", label: "JSON", run },
  ];
  render(Menu, { label: "Save a template", items });
  await userEvent.click(screen.getByRole("button", { name: "Save a template" }));
  await screen.findByRole("menu");
  expect(await violations()).toEqual([]);
  await userEvent.keyboard("{ArrowDown}{ArrowDown}{Enter}");
  expect(run).toHaveBeenCalledOnce();
});

it("a dialog has a name, and closes with Escape", async () => {
  const onclose = vi.fn();
  const children = text("35 posts are taken back.");
  const buttons = text("Keep");
  render(Dialog, { open: true, title: "Undo import #3?", onclose, children, buttons });
  await screen.findByRole("dialog", { name: "Undo import #3?" });
  expect(await violations()).toEqual([]);
  await userEvent.keyboard("{Escape}");
  expect(onclose).toHaveBeenCalledOnce();
});

it("a progress whose end is not known says so", async () => {
  const { rerender } = render(Progress, { done: null, label: "Importing" });
  const bar = screen.getByRole("progressbar", { name: "Importing" });
  expect(bar.hasAttribute("aria-valuenow")).toBe(false);
  await rerender({ done: 0.4, label: "Importing" });
  expect(bar.getAttribute("aria-valuenow")).toBe("40");
});
