import { cleanup, render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import SignInSheet from "../src/components/SignInSheet.svelte";
import { app } from "../src/lib/state/app.svelte";
import { signIn } from "../src/lib/state/sign-in.svelte";
import { addSandboxAccount, beginSignIn, finishSignIn, openInBrowser, pasteSignIn } from "./host";

const PAGE = "https://x.com/i/oauth2/authorize?state=s";

beforeEach(() => {
  const redirect_uri = "http://127.0.0.1:1/callback";
  beginSignIn.mockResolvedValue({ url: PAGE, redirect_uri, comes_back: false });
  // It waits for the person.
  finishSignIn.mockReturnValue(new Promise(() => undefined));
  openInBrowser.mockReset().mockResolvedValue(undefined);
  signIn.openFor(null);
  render(SignInSheet);
});

afterEach(() => {
  cleanup();
  signIn.close();
});

async function begin(user: ReturnType<typeof userEvent.setup>) {
  await user.type(screen.getByLabelText("Client id"), "client");
  await user.click(screen.getByRole("button", { name: "Open X’s page" }));
  return screen.findByLabelText<HTMLInputElement>("X’s page");
}

it("shows the page's address where the browser runs on another computer, and opens none here", async () => {
  const user = userEvent.setup();
  await user.click(screen.getByRole("checkbox"));
  expect((await begin(user)).value).toBe(PAGE);
  expect(openInBrowser).not.toHaveBeenCalled();
});

it("goes on with the address when no browser could be opened", async () => {
  openInBrowser.mockRejectedValueOnce(new Error("No browser is here."));
  const user = userEvent.setup();
  expect((await begin(user)).value).toBe(PAGE);
  expect(await screen.findByText("No browser is here.")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Open it again" }));
  expect(openInBrowser).toHaveBeenLastCalledWith(PAGE);
  expect(screen.queryByText("No browser is here.")).toBeNull();
});

it("keeps the page when what was pasted is refused", async () => {
  pasteSignIn.mockRejectedValueOnce(new Error("That is no address."));
  const user = userEvent.setup();
  await begin(user);
  await user.type(screen.getByLabelText("Address that the browser ended on"), "hello");
  await user.click(screen.getByRole("button", { name: "Use this address" }));
  expect(await screen.findByText("That is no address.")).toBeTruthy();
  expect(screen.getByLabelText("X’s page")).toBeTruthy();
});

it("asks for a handle alone where a sandbox stands in for X", async () => {
  addSandboxAccount.mockResolvedValueOnce({ x_user_id: "2", username: "grace" });
  const sandbox = vi.spyOn(app, "sandbox", "get").mockReturnValue(true);
  cleanup();
  render(SignInSheet);
  const user = userEvent.setup();
  await user.type(screen.getByLabelText("Handle"), "@grace");
  await user.click(screen.getByRole("button", { name: "Connect" }));
  expect(addSandboxAccount).toHaveBeenCalledExactlyOnceWith("grace");
  await vi.waitFor(() => expect(signIn.open).toBe(false));
  sandbox.mockRestore();
});
