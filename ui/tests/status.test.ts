import { expect, it } from "vitest";
import { STATUS, STATUSES } from "../src/lib/status";
import css from "../src/styles/tokens.css?raw";

/** The tokens of one theme, by name. */
function tokens(theme: "dark" | "light" | "contrast"): Map<string, string> {
  const block = css.split(`[data-theme="${theme}"]`)[1]?.split("}")[0] ?? "";
  const found = block.matchAll(/--([a-z0-9-]+):\s*(#[0-9a-f]{6})\b/g);
  return new Map([...found].map(([, name, value]) => [name ?? "", value ?? ""]));
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

it("every status has its own word, and no two share icon and colour", () => {
  const looks = STATUSES.map((status) => STATUS[status]);
  expect(new Set(looks.map((look) => look.label)).size).toBe(STATUSES.length);
  expect(new Set(looks.map((look) => look.icon)).size).toBe(STATUSES.length);
});

it.each(["dark", "light", "contrast"] as const)(
  "every text of the %s theme can be read",
  (theme) => {
    const colours = tokens(theme);
    const names = [...STATUSES, "ink", "ink-2", "ink-3", "accent", "sandbox"];
    for (const name of names) {
      for (const ground of ["bg", "bg-rail", "bg-raised"]) {
        const ratio = contrast(colours.get(name) ?? "#000000", colours.get(ground) ?? "#000000");
        expect(ratio, `${name} on ${ground}`).toBeGreaterThanOrEqual(
          theme === "contrast" ? 7 : 4.5,
        );
      }
    }
  },
);
