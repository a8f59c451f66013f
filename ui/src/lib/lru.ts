/** A memory of so many things: what was not used for longest is forgotten first. */
export class LruCache<Key, Value> {
  #most: number;
  /** In the order of use, the longest unused first. */
  #kept = new Map<Key, Value>();

  /** Keeps at most so many. */
  constructor(most: number) {
    this.#most = most;
  }

  /** How many things are kept. */
  get size(): number {
    return this.#kept.size;
  }

  /** Returns what is kept under a key, which counts as its use. */
  get(key: Key): Value | undefined {
    const found = this.#kept.get(key);
    if (found === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, found);
    return found;
  }

  /** Keeps something, and forgets what was not used for longest where it is one too many. */
  set(key: Key, value: Value): void {
    this.#kept.delete(key);
    this.#kept.set(key, value);
    if (this.#kept.size <= this.#most) return;
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined) this.#kept.delete(oldest);
  }

  /** Forgets what is kept under a key. */
  delete(key: Key): void {
    this.#kept.delete(key);
  }
}
