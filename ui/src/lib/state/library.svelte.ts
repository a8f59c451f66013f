import { plural } from "../format";
import { api, errorText } from "../ipc";
import type { MediaItem, MediaRoom, MediaUseRow } from "../ipc";
import { sizeText } from "../media";
import { toast } from "./toast.svelte";

/** Files that are read at once. */
const PAGE = 60;

/** The pictures and videos of posts on this computer: what they take, and which posts have them. */
class Library {
  items = $state.raw<MediaItem[]>([]);
  files = $state(0);
  bytes = $state(0);
  /** The room that files take on the relay, as it last told. */
  relay = $state.raw<MediaRoom | null>(null);
  isRead = $state(false);
  problem = $state<string | null>(null);
  /** The file whose posts are shown. */
  shown = $state.raw<MediaItem | null>(null);
  uses = $state.raw<MediaUseRow[]>([]);
  /** Whether the person is asked before unused files are removed. */
  asks = $state(false);

  readonly undescribed = $derived(this.items.reduce((sum, item) => sum + item.undescribed, 0));
  readonly unused = $derived(this.items.filter(({ posts }) => posts === 0));

  /** Reads the library from its start, as far as it was read before. */
  async read() {
    try {
      const limit = Math.max(PAGE, this.items.length);
      const read = await api.list_media({ limit, offset: 0 });
      this.items = read.items;
      this.files = read.files;
      this.bytes = read.bytes;
      this.relay = read.relay;
      this.isRead = true;
      this.problem = null;
    } catch (error) {
      this.problem = errorText(error);
    }
  }

  /** Reads the next page. */
  async more() {
    try {
      const { items } = await api.list_media({ limit: PAGE, offset: this.items.length });
      const known = new Set(this.items.map(({ id }) => id));
      this.items = [...this.items, ...items.filter(({ id }) => !known.has(id))];
    } catch (error) {
      toast.error(errorText(error));
    }
  }

  /** Shows which posts have a file. */
  async show(item: MediaItem) {
    this.shown = item;
    this.uses = [];
    try {
      const { uses } = await api.list_media_uses({ media_id: item.id });
      if (this.shown.id === item.id) this.uses = uses;
    } catch (error) {
      toast.error(errorText(error));
    }
  }

  /** Removes the files that no post has. */
  async removeUnused() {
    this.asks = false;
    try {
      const { files, bytes } = await api.remove_unused_media();
      const stays = "What was taken in within the last hour stays.";
      if (files === 0) toast.info(`No file was removed. ${stays}`);
      else toast.info(`${plural(files, "file")} removed: ${sizeText(bytes)} are free.`);
    } catch (error) {
      toast.error(errorText(error));
    }
    await this.read();
  }
}

export const library = new Library();
