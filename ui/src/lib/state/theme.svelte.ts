/** Dark, light, high contrast, or whatever the system says. A preference of this window alone. */
export type Theme = "system" | "dark" | "light" | "contrast";

/** Every theme, in the order in which they are offered. */
export const THEMES: { value: Theme; label: string }[] = [
  { value: "system", label: "As the system" },
  { value: "dark", label: "Dark" },
  { value: "light", label: "Light" },
  { value: "contrast", label: "High contrast" },
];

const KEY = "roost.theme";

class ThemeState {
  chosen = $state<Theme>(read());
  readonly #dark = window.matchMedia("(prefers-color-scheme: dark)");
  readonly #contrast = window.matchMedia("(prefers-contrast: more)");

  constructor() {
    for (const query of [this.#dark, this.#contrast])
      query.addEventListener("change", () => {
        this.apply();
      });
  }

  /** Puts the theme on the page. */
  apply() {
    const usual = this.#dark.matches ? "dark" : "light";
    const system = this.#contrast.matches ? "contrast" : usual;
    document.documentElement.dataset.theme = this.chosen === "system" ? system : this.chosen;
  }

  /** Takes a theme from here on. */
  choose(theme: Theme) {
    this.chosen = theme;
    localStorage.setItem(KEY, theme);
    this.apply();
  }

  /** The next one of all themes. */
  turn() {
    const place = THEMES.findIndex(({ value }) => value === this.chosen);
    this.choose(THEMES[(place + 1) % THEMES.length]?.value ?? "system");
  }
}

function read(): Theme {
  const kept = localStorage.getItem(KEY);
  return THEMES.find(({ value }) => value === kept)?.value ?? "system";
}

export const theme = new ThemeState();
