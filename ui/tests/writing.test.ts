import { cleanup, render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import Composer from "../src/components/Composer.svelte";
import { emojiFor } from "../src/lib/emoji";
import { cleaned } from "../src/lib/pasted";
import { accounts } from "../src/lib/state/accounts.svelte";
import { composer } from "../src/lib/state/composer.svelte";
import { writing } from "../src/lib/state/writing.svelte";
import { violations } from "./axe";
import { account, end, start, until } from "./world";

beforeAll(() => start());
afterAll(end);

async function open() {
  accounts.used(account("ada").x_user_id);
  await composer.openNew();
  render(Composer);
  const user = userEvent.setup();
  await user.click(screen.getAllByRole("textbox", { name: /^Text of/ })[0] as HTMLElement);
  return user;
}

afterEach(async () => {
  cleanup();
  writing.emojiOpen = false;
  writing.previewOpen = false;
  composer.discard();
  await composer.close();
});

const text = () => composer.parts[0]?.text;

describe("a paste", () => {
  it("loses what does not show and what follows visitors, and keeps every word", () => {
    expect(cleaned("a\u200Bb\u00A0c \r\nd\n\n\n\ne\n")).toEqual({
      text: "ab c\nd\n\ne",
      done: ["invisible characters", "hard spaces", "spaces at the end of lines", "empty lines"],
    });
    const link = "https://example.com/a?utm_source=x&id=7&fbclid=1#part";
    expect(cleaned(`see ${link} now`).text).toBe("see https://example.com/a?id=7#part now");
    expect(cleaned("👩‍👩‍👧 plain https://example.com/?id=1")).toEqual({
      text: "👩‍👩‍👧 plain https://example.com/?id=1",
      done: [],
    });
  });

  it("says what was left out, and one key takes that back", async () => {
    const user = await open();
    await user.keyboard("See ");
    await user.paste("https://example.com/?utm_source=mail");
    await until(() => expect(text()).toBe("See https://example.com/"));
    expect(await screen.findByText(/Left out: tracking in links/)).toBeTruthy();
    await user.keyboard("{Control>}z{/Control}");
    await until(() => expect(text()).toBe("See https://example.com/?utm_source=mail"));
    expect(screen.queryByText(/Left out/)).toBeNull();
  });
});

it("an emoji is found by its words and put where the caret was", async () => {
  expect(emojiFor("rock").map(({ sign }) => sign)).toEqual(["🚀"]);
  const user = await open();
  await user.keyboard(
    "Launch  today{ArrowLeft}{ArrowLeft}{ArrowLeft}{ArrowLeft}{ArrowLeft}{ArrowLeft}",
  );
  await user.keyboard("{Control>}{Shift>}e{/Shift}{/Control}");
  await user.type(await screen.findByRole("combobox", { name: "Find an emoji" }), "rocket");
  expect(await violations()).toEqual([]);
  await user.keyboard("{Enter}");
  await until(() => expect(text()).toBe("Launch 🚀 today"));
  expect(writing.emojiOpen).toBe(false);
});

it("the preview shows each part as it is typed", async () => {
  const user = await open();
  await user.keyboard("First{Alt>}{Enter}{/Alt}");
  await until(() => expect(composer.parts).toHaveLength(2));
  composer.setText(1, "Second with #tag");
  await user.click(screen.getByRole("button", { name: "Preview" }));
  const preview = document.querySelector("[data-composer-preview]");
  await until(() => expect(preview?.textContent).toContain("Second with #tag"));
  expect(preview?.textContent).toContain("2/2");
  expect(await violations()).toEqual([]);
});

it("a word that becomes a link is named with what it costs, and can be taken out and put back", async () => {
  const user = await open();
  composer.setText(0, "Read README.md first");
  expect(await screen.findByText(/becomes a link: \$0\.20/)).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Remove link" }));
  expect(text()).toBe("Read first");
  await user.click(await screen.findByRole("button", { name: /As it was/ }));
  expect(text()).toBe("Read README.md first");
});

it("a part is dragged by its handle to another place", async () => {
  await open();
  for (const [index, word] of ["one", "two", "three"].entries()) {
    if (index > 0) composer.addPart(index - 1);
    composer.setText(index, word);
  }
  await until(() => expect(document.querySelectorAll("[data-grip]")).toHaveLength(3));
  const over = (part: number) => {
    document.elementsFromPoint = () => [
      document.querySelector(`[data-part="${part}"]`) as HTMLElement,
    ];
  };
  const send = (type: string, y: number, target: EventTarget = window) =>
    target.dispatchEvent(
      new MouseEvent(type, { clientX: 5, clientY: y, button: 0, bubbles: true }),
    );
  send("pointerdown", 10, document.querySelector("[data-grip]") as HTMLElement);
  over(2);
  send("pointermove", 100);
  await until(() => expect(composer.texts).toEqual(["two", "one", "three"]));
  over(3);
  send("pointermove", 200);
  send("pointerup", 200);
  await until(() => expect(composer.texts).toEqual(["two", "three", "one"]));
});
