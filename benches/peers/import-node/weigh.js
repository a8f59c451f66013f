// Weighs the posts of a file with npm's twitter-text, and says how many texts it weighs in a second.

import { readFileSync } from "node:fs";
import twitter from "twitter-text";

const { posts } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const texts = posts.map(({ content }) => content);
// Once before it is measured: the engine compiles what runs often.
let weight = texts.slice(0, 1000).reduce((sum, text) => sum + twitter.parseTweet(text).weightedLength, 0);
const began = performance.now();
weight = texts.reduce((sum, text) => sum + twitter.parseTweet(text).weightedLength, 0);
const seconds = (performance.now() - began) / 1000;
console.log(JSON.stringify({ texts: texts.length, weight, perSecond: texts.length / seconds }));
