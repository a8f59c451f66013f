-- Posts to be looked for, found without passing all others that are due.
CREATE INDEX post_lost ON post (next_at) WHERE state = 'unknown';
