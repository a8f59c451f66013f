import {
  addSandboxAccount,
  beginSignIn,
  cancelSignIn,
  errorText,
  finishSignIn,
  openInBrowser,
  pasteSignIn,
} from "../ipc";
import type { SignInPage } from "../ipc";
import { accounts } from "./accounts.svelte";
import { toast } from "./toast.svelte";

const CLIENT_ID = "roost.sign-in.client-id";

/** Signing in with X: what is asked for, and how far it is. */
class SignIn {
  open = $state(false);
  /** The handle of the account that is to sign in again; null for any. */
  username = $state<string | null>(null);
  clientId = $state("");
  clientSecret = $state("");
  /** Whether the browser runs on another computer, so that the person pastes the address. */
  paste = $state(false);
  address = $state("");
  /** The handle of an account that the sandbox is to make. */
  handle = $state("");
  /** X's page, once it was opened. */
  page = $state.raw<SignInPage | null>(null);
  busy = $state(false);
  problem = $state<string | null>(null);

  #attempt = 0;

  /** Opens the sheet, for an account or for a new one. */
  openFor(username: string | null) {
    this.#reset();
    this.username = username;
    this.handle = username ?? "";
    this.clientId = localStorage.getItem(CLIENT_ID) ?? "";
    this.open = true;
  }

  /** Connects an account of the sandbox, which needs no sign-in. */
  async addToSandbox() {
    const attempt = ++this.#attempt;
    this.busy = true;
    this.problem = null;
    try {
      const account = await addSandboxAccount(this.handle.trim().replace(/^@/, ""));
      if (attempt !== this.#attempt) return;
      toast.info(`@${account.username} is connected.`);
      this.#reset();
    } catch (error) {
      if (attempt !== this.#attempt) return;
      this.problem = errorText(error);
      this.busy = false;
    }
  }

  /** Begins a sign-in, and waits until the person has allowed it on X's page. */
  async begin() {
    const attempt = ++this.#attempt;
    this.busy = true;
    this.problem = null;
    const known = accounts.all.find(({ username }) => username === this.username);
    try {
      this.page = await beginSignIn({
        client_id: this.clientId.trim(),
        client_secret: this.clientSecret.trim() === "" ? null : this.clientSecret.trim(),
        x_user_id: known?.x_user_id ?? null,
        paste: this.paste,
      });
      localStorage.setItem(CLIENT_ID, this.clientId.trim());
      // Where the browser runs elsewhere, or none could be opened here, the person takes the address.
      if (!this.paste) await this.openPage();
      const account = await finishSignIn();
      if (attempt !== this.#attempt) return;
      toast.info(`@${account.username} is connected.`);
      this.#reset();
    } catch (error) {
      if (attempt !== this.#attempt) return;
      this.problem = errorText(error);
      this.page = null;
    } finally {
      if (attempt === this.#attempt) this.busy = false;
    }
  }

  /** Opens X's page in the browser; may be asked for again when its tab was closed. */
  async openPage() {
    this.problem = null;
    try {
      if (this.page) await openInBrowser(this.page.url);
    } catch (error) {
      this.problem = errorText(error);
    }
  }

  /** Takes the address that the browser ended on. */
  async sendAddress() {
    this.problem = null;
    try {
      await pasteSignIn(this.address.trim());
    } catch (error) {
      this.problem = errorText(error);
    }
  }

  /** Closes the sheet; a sign-in that is under way ends. */
  close() {
    const isUnderWay = this.busy;
    this.#reset();
    if (isUnderWay) void cancelSignIn();
  }

  #reset() {
    this.#attempt += 1;
    this.open = false;
    this.username = null;
    this.clientSecret = "";
    this.paste = false;
    this.address = "";
    this.handle = "";
    this.page = null;
    this.busy = false;
    this.problem = null;
  }
}

export const signIn = new SignIn();
