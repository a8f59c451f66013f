/** Dark, light, or whatever the system says. A preference of this window alone. */
export type Theme = "system" | "dark" | "light";

const KEY = "roost.theme";

class ThemeState {
  chosen = $state<Theme>(read());
  readonly #system = window.matchMedia("(prefers-color-scheme: dark)");

  constructor() {
    this.#system.addEventListener("change", () => {
      this.apply();
    });
  }

  /** Puts the theme on the page. */
  apply() {
    const system = this.#system.matches ? "dark" : "light";
    document.documentElement.dataset.theme = this.chosen === "system" ? system : this.chosen;
  }

  /** The next of system, dark, light. */
  turn() {
    const order: Theme[] = ["system", "dark", "light"];
    this.chosen = order[(order.indexOf(this.chosen) + 1) % order.length] ?? "system";
    localStorage.setItem(KEY, this.chosen);
    this.apply();
  }
}

function read(): Theme {
  const kept = localStorage.getItem(KEY);
  return kept === "dark" || kept === "light" ? kept : "system";
}

export const theme = new ThemeState();
