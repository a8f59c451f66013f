-- What X charged: a row once X took a part of a post, or deleted one, at the price of that moment. Rows
-- are only added. They name a post without a reference to it, because they outlive it.
CREATE TABLE charge (
    seq         INTEGER PRIMARY KEY,
    charged_at  INTEGER NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('post', 'delete')),
    post_id     TEXT NOT NULL CHECK (length(post_id) = 36),
    position    INTEGER NOT NULL CHECK (position BETWEEN 0 AND 99),
    account_id  TEXT,
    tweet_id    TEXT,
    cost_micros INTEGER NOT NULL CHECK (cost_micros >= 0),
    UNIQUE (kind, post_id, position)
) STRICT;

-- A month's sum is read of the index alone.
CREATE INDEX charge_by_time ON charge (charged_at, kind, cost_micros);

-- What is on X already. The price of each single part is not known any more: the first part has what
-- the whole post cost, or the share of its parts that are there.
INSERT INTO charge (charged_at, kind, post_id, position, account_id, tweet_id, cost_micros)
SELECT coalesce(post.posted_at, post.updated_at), 'post', post.id, 0, post.account_id, post.tweet_id,
       CASE post.status
           WHEN 'partial' THEN post.cost_micros
               * max(1, (SELECT count(*) FROM post_part AS part
                         WHERE part.post_id = post.id AND part.tweet_id IS NOT NULL))
               / max(1, (SELECT count(*) FROM post_part AS part WHERE part.post_id = post.id))
           ELSE post.cost_micros
       END
FROM scheduled_post AS post
WHERE post.status IN ('posted', 'partial');

INSERT INTO charge (charged_at, kind, post_id, position, account_id, tweet_id, cost_micros)
SELECT coalesce(post.posted_at, post.updated_at), 'post', post.id, part.position, post.account_id,
       part.tweet_id, 0
FROM scheduled_post AS post JOIN post_part AS part ON part.post_id = post.id
WHERE part.position > 0
  AND (post.status = 'posted' OR (post.status = 'partial' AND part.tweet_id IS NOT NULL));

-- X's price of a deletion, one for each part.
INSERT INTO charge (charged_at, kind, post_id, position, account_id, tweet_id, cost_micros)
SELECT post.gone_from_x_at, 'delete', post.id, charge.position, post.account_id, charge.tweet_id, 10000
FROM scheduled_post AS post JOIN charge ON charge.post_id = post.id AND charge.kind = 'post'
WHERE post.gone_from_x_at IS NOT NULL;
