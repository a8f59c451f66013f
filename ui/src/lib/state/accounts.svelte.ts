import type { AccountRow } from "../ipc";

const SHOWN = "roost.account.shown";
const LAST_USED = "roost.account.last-used";

/** The accounts, which of them the lists show, and which one a new post is for. */
class Accounts {
  all = $state.raw<AccountRow[]>([]);
  /** The X user id of the account that the lists show; null shows all. */
  shown = $state<string | null>(localStorage.getItem(SHOWN));
  #lastUsed = $state<string | null>(localStorage.getItem(LAST_USED));

  /** Whether there is something to choose. */
  readonly several = $derived(this.all.length > 1);

  /**
   * The account that a new post is for until the person says otherwise: the one that the lists
   * show, the one that was chosen last, or the only one. Null where the person has to choose.
   */
  readonly preferred = $derived(
    this.find(this.shown)?.x_user_id ??
      this.find(this.#lastUsed)?.x_user_id ??
      (this.all.length === 1 ? (this.all[0]?.x_user_id ?? null) : null),
  );

  /**
   * Takes the accounts as the engine tells them. The lists show all again where nothing is left to
   * choose from, or what was chosen is gone: the filter would have no control to leave it.
   */
  update(all: AccountRow[]) {
    this.all = all;
    if (this.shown !== null && (!this.several || this.find(this.shown) === null)) this.show(null);
  }

  /** Returns the account with an X user id; null when it is not known here. */
  find(id: string | null): AccountRow | null {
    return this.all.find((account) => account.x_user_id === id) ?? null;
  }

  /** Has the lists show one account, or all. */
  show(id: string | null) {
    this.shown = id;
    if (id === null) localStorage.removeItem(SHOWN);
    else localStorage.setItem(SHOWN, id);
  }

  /** Remembers for which account the person scheduled. */
  used(id: string | null) {
    if (id === null) return;
    this.#lastUsed = id;
    localStorage.setItem(LAST_USED, id);
  }
}

export const accounts = new Accounts();
