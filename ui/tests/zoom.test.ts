import { afterEach, beforeEach, expect, it } from "vitest";
import { onKey } from "../src/lib/keys";
import { composer } from "../src/lib/state/composer.svelte";
import { zoom } from "../src/lib/state/zoom.svelte";
import { setZoom } from "./host";

beforeEach(() => {
  localStorage.clear();
  zoom.reset();
  setZoom.mockClear();
  globalThis.addEventListener("keydown", onKey);
});
afterEach(() => globalThis.removeEventListener("keydown", onKey));

const press = (key: string, target: EventTarget = document.body) =>
  target.dispatchEvent(
    new KeyboardEvent("keydown", { key, ctrlKey: true, bubbles: true, cancelable: true }),
  );

it("keys show everything larger, smaller and in its own size, and the choice is kept", () => {
  press("+");
  press("=");
  expect([zoom.percent, localStorage.getItem("roost.zoom")]).toEqual([125, "125"]);
  expect(setZoom).toHaveBeenLastCalledWith(125);
  press("-");
  expect(zoom.percent).toBe(110);
  press("0");
  expect(zoom.percent).toBe(100);
  for (let times = 0; times < 20; times += 1) press("+");
  expect(zoom.percent).toBe(300);
});

it("they count while a post is written too", () => {
  composer.open = true;
  const field = document.body.appendChild(document.createElement("textarea"));
  press("+", field);
  field.remove();
  composer.open = false;
  expect(zoom.percent).toBe(110);
});
