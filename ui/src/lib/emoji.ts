/** Emoji to choose from, each with the words by which it is found. */
const GROUPS: [group: string, emoji: string][] = [
  [
    "Faces",
    "😀 grin happy|😂 joy tears laugh|🤣 rolling laugh|😊 smile blush|😍 love eyes|🥰 love hearts|😎 cool sunglasses|🤔 think|😅 sweat relief|😭 cry|😢 sad tear|😡 angry|🤯 mind blown|🥳 party celebrate|😴 sleep|🙄 eyes roll|😉 wink|🤗 hug|🤝 deal handshake|🫡 salute|😇 angel|🤩 star eyes wow|🥲 smile tear|😬 grimace|🤖 robot bot ai",
  ],
  [
    "Hands and hearts",
    "👍 thumbs up yes|👎 thumbs down no|👏 clap applause|🙌 hands raised hooray|🙏 thanks please pray|💪 strong muscle|👋 wave hello bye|🤞 fingers crossed luck|👀 eyes look|👇 down below|👉 right point|👆 up above|✌️ peace victory|❤️ heart love|🧡 heart orange|💛 heart yellow|💚 heart green|💙 heart blue|💜 heart purple|🖤 heart black|💔 broken heart|💯 hundred|✍️ write",
  ],
  [
    "Work and news",
    "🚀 rocket launch ship|🎉 party launch tada|✨ sparkles new|🔥 fire hot|💡 idea bulb|📈 chart up growth|📉 chart down|📊 chart bars|📣 announce megaphone|📢 announce loud|🗓️ calendar date|⏰ alarm time|⏳ hourglass wait|✅ check done|❌ cross no|⚠️ warning|🔗 link|📌 pin|📝 note write|📚 books read|🧵 thread|🛠️ tools build|🔧 fix wrench|🐛 bug|🔒 lock secure|🔑 key|💻 laptop computer|📱 phone mobile|🎁 gift|🏆 trophy win|🥇 first medal|🎯 target goal|💰 money|💸 money fly|🆕 new|🔔 bell notify|📷 camera photo|🎬 film video|🎧 music podcast|🎤 mic talk|☕ coffee|🧪 test lab|🗳️ poll vote",
  ],
  [
    "Nature and places",
    "🦉 owl roost|🐦 bird|🐣 chick hatch|🐶 dog|🐱 cat|🦊 fox|🐝 bee|🦋 butterfly|🌱 seedling grow|🌳 tree|🌻 sunflower|🌈 rainbow|☀️ sun|🌙 moon night|⭐ star|❄️ snow|🌊 wave sea|🌍 world earth europe|🌎 world earth america|🏔️ mountain|🏠 home house|🏙️ city|✈️ plane travel|🚲 bike|🍕 pizza|🍎 apple|🍻 beer cheers|🥂 cheers toast|🎄 christmas tree|🎃 halloween pumpkin",
  ],
];

/** One emoji. */
export interface Emoji {
  sign: string;
  words: string;
  group: string;
}

const ALL: Emoji[] = GROUPS.flatMap(([group, emoji]) =>
  emoji.split("|").map((entry) => {
    const [sign = "", ...words] = entry.split(" ");
    return { sign, words: words.join(" "), group };
  }),
);

/** Returns the emoji that all the words begin to name; all of them where there are none. */
export function emojiFor(text: string): Emoji[] {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  return ALL.filter(({ words }) =>
    wanted.every((word) => words.split(" ").some((each) => each.startsWith(word))),
  );
}
