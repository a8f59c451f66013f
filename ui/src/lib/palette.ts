import { COMMANDS, isPossible } from "./commands";
import type { Command } from "./commands";

/** Returns the commands that are meant by what was typed, the best first; all of them where nothing was. */
export function commandsFor(text: string): Command[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const ranked = COMMANDS.filter((command) => command.id !== "palette" && isPossible(command))
    .map((command) => ({ command, rank: rankOf(command, words) }))
    .filter(({ rank }) => rank > 0);
  // The order of the registry stays among equals.
  return ranked.sort((one, other) => other.rank - one.rank).map(({ command }) => command);
}

/** Returns how well a command fits: 0 where one of the words is in none of its own. */
function rankOf({ title, group, words = "" }: Command, typed: string[]): number {
  const own = title.toLowerCase();
  const all = `${own} ${words} ${group.toLowerCase()}`.split(/\s+/);
  let rank = 1;
  for (const word of typed) {
    if (own.startsWith(word)) rank += 3;
    else if (own.split(/\s+/).some((each) => each.startsWith(word))) rank += 2;
    else if (all.some((each) => each.startsWith(word))) rank += 1;
    else return 0;
  }
  return rank;
}
