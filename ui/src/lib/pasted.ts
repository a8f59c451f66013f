/** What is cleaned of a text that is pasted into a post: what does not show, or what a web page added. */

/** A text as it was pasted, and as it is cleaned. */
export interface Cleaned {
  text: string;
  /** What was done, in a few words; none where nothing was. */
  done: string[];
}

const INVISIBLE = /[\u00AD\u200B\u2060\uFEFF]/g;
const SPACES = /[\u00A0\u2007\u202F]/g;
const TRACKING = /^(utm_\w+|fbclid|gclid|dclid|msclkid|mc_cid|mc_eid|igshid|ref_src|ref_url|si)$/i;
const ADDRESS = /https?:\/\/[^\s<>"]+/g;

/** Returns a pasted text without what nobody means to post. Words stay as they are. */
export function cleaned(pasted: string): Cleaned {
  const done: string[] = [];
  const step = (name: string, before: string, after: string) => {
    if (after !== before) done.push(name);
    return after;
  };
  let text = pasted.replace(/\r\n?/g, "\n");
  text = step("invisible characters", text, text.replace(INVISIBLE, ""));
  text = step("hard spaces", text, text.replace(SPACES, " "));
  text = step("tracking in links", text, text.replace(ADDRESS, withoutTracking));
  text = step("spaces at the end of lines", text, text.replace(/[ \t]+$/gm, ""));
  text = step("empty lines", text, text.replace(/\n{3,}/g, "\n\n").replace(/^\n+|\n+$/g, ""));
  return { text, done };
}

/** Returns an address without the parameters by which visitors are followed; others stay in their order. */
function withoutTracking(address: string): string {
  const at = address.indexOf("?");
  if (at < 0) return address;
  const [query = "", ...hash] = address.slice(at + 1).split("#");
  const kept = query.split("&").filter((part) => !TRACKING.test(part.split("=", 1)[0] ?? ""));
  if (kept.length === query.split("&").length) return address;
  const end = hash.length > 0 ? `#${hash.join("#")}` : "";
  return `${address.slice(0, at)}${kept.length > 0 ? `?${kept.join("&")}` : ""}${end}`;
}
