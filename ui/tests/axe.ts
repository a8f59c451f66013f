/** Checks what is on the page against the rules of accessibility that a program can check. */
import axe from "axe-core";

/** Returns what axe-core finds wrong: each rule with the elements that break it. */
export async function violations(root: Element = document.body): Promise<string[]> {
  const { violations } = await axe.run(root, {
    rules: {
      // jsdom lays nothing out and paints nothing; contrast is held by the tokens' own test.
      "color-contrast": { enabled: false },
      // A part of the window is rendered, not the page around it.
      region: { enabled: false },
    },
  });
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`,
  );
}
