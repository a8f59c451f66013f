/**
 * Links that the system hands over, `roost://new`, `roost://open`, `roost://import` and `roost://pair`:
 * they open something and do nothing by themselves.
 */
import { openedLink } from "./ipc";
import { app } from "./state/app.svelte";
import { composer } from "./state/composer.svelte";
import { importing } from "./state/importing.svelte";
import { notices } from "./state/notices.svelte";
import { pairing } from "./state/pairing.svelte";
import { toast } from "./state/toast.svelte";

/** The longest text that a link may bring: a premium post, and some more. */
const TEXT_LETTERS_MAX = 30_000;

/** Opens what the link says that the system handed over last, where there is one. */
export async function followOpenedLink(): Promise<void> {
  const link = await openedLink();
  if (link !== null) await followLink(link);
}

/** Opens what a link says; a person decides there. */
export async function followLink(link: string): Promise<void> {
  const { what, query } = read(link);
  switch (what) {
    case "new":
      return write(query.get("text") ?? "");
    case "open":
      return open(query.get("id") ?? "");
    case "import": {
      const path = query.get("path") ?? "";
      if (path === "") return app.go("imports");
      return importing.openFiles([path]);
    }
    case "pair":
      return pairing.open(link);
    default:
      toast.error("Roost does not know this link. It knows roost://new, open, import and pair.");
  }
}

async function write(text: string) {
  if (composer.open) return toast.error("Close the post that is open first: nothing was changed.");
  await composer.openNew();
  if (text !== "") composer.setText(0, text.slice(0, TEXT_LETTERS_MAX));
}

async function open(id: string) {
  await notices.follow({ post_id: id, topic: "posted" });
  if (app.detail === null) toast.error("The post of this link is not here.");
}

function read(link: string): { what: string; query: URLSearchParams } {
  try {
    const { protocol, host, pathname, searchParams } = new URL(link);
    // Without a host the name stands in the path: "roost:new".
    const what = protocol === "roost:" ? host || pathname.replaceAll("/", "") : "";
    return { what, query: searchParams };
  } catch {
    return { what: "", query: new URLSearchParams() };
  }
}
