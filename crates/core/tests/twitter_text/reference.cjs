// Answers for npm twitter-text: a JSON list of texts on stdin, a JSON list of answers on stdout.
'use strict';

const { readFileSync } = require('node:fs');
const twitter = require('twitter-text');

const kinds = { url: 'url', screenName: 'mention', hashtag: 'hashtag', cashtag: 'cashtag' };

function entity(found) {
  const kind = Object.keys(kinds).find((key) => key in found);
  const value = found[kind] + (found.listSlug || '');
  return { kind: kinds[kind], value, start: found.indices[0], end: found.indices[1] };
}

function answer(text) {
  const parsed = twitter.parseTweet(text);
  return {
    weightedLength: parsed.weightedLength,
    permillage: parsed.permillage,
    valid: parsed.valid,
    validRangeEnd: parsed.validRangeEnd,
    composed: text === text.normalize(),
    urls: twitter.extractUrlsWithIndices(text).map(entity),
    entities: twitter.extractEntitiesWithIndices(text).map(entity),
  };
}

const texts = JSON.parse(readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(texts.map(answer)));
