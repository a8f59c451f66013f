/** An import while nobody is signed in: the first thing that a newcomer looks at. */
import { cleanup, render } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterAll, beforeAll, expect, it } from "vitest";
import ImportView from "../src/components/import/ImportView.svelte";
import { openSample } from "../src/lib/import/templates";
import { importing } from "../src/lib/state/importing.svelte";
import { signIn } from "../src/lib/state/sign-in.svelte";
import { found, outcomes, words } from "./import-files";
import { layOut } from "./layout";
import { end, start, until } from "./world";

beforeAll(() => start([]));
afterAll(async () => {
  cleanup();
  signIn.close();
  await importing.close();
  await end();
});

it("the sample has rows to mend, says that its posts wait for an account, and offers to connect one", async () => {
  layOut();
  await openSample();
  render(ImportView);
  // Rows with errors are shown first.
  await until(() => expect(outcomes()).toEqual(["refused", "refused"]));
  expect(words("[data-file-findings]")).toContain("No account is connected");
  await userEvent.click(found("[data-sign-in]"));
  expect(signIn.open).toBe(true);
});
