-- Written by the version before migration 9.
INSERT INTO relay (one, epoch, epoch_born_at, paused, heartbeat_at, gap_from, gap_to, pruned_to, covered_until, posts_beyond, home, clock_ahead, x_heard_at, is_copy, clock_ahead_at_most, checks) VALUES
  (1, 'fd4968211e92ced8638230c6351db01c', 1800000000000, 0, 1800000000000, NULL, NULL, 0, NULL, 0, NULL, NULL, NULL, 0, NULL, 0);
INSERT INTO desk (store_id, device, manifest_epoch, seen_at) VALUES
  ('01a3185c-5000-78d2-84c5-23b585769ab3', 'desktop', 'fd4968211e92ced8638230c6351db01c', 1800000000000);
INSERT INTO post (post_id, revision, store_id, account, state, body_hash, parts, live, due_at, not_after, next_at, code, message, attempts, looks, look_first, claimed_by, claimed_at, tweet_id, posted_at, decided_at, updated_at, doubt_until, looked_first) VALUES
  ('01a3185c-5000-7354-894a-de75377690c1', 1, '01a3185c-5000-78d2-84c5-23b585769ab3', '2143981510456246272', 'posted', X'86E62407D606646B1153D86443B019B4077F5ABFB879A201E06ABAC929F13118', 1, 1, 1800000001000, 1800021601000, NULL, NULL, NULL, 1, 0, 0, 'delivery', 1800000002000, '2143981518844854272', 1800000002000, 1800000002000, 1800000002000, NULL, 0);
INSERT INTO post (post_id, revision, store_id, account, state, body_hash, parts, live, due_at, not_after, next_at, code, message, attempts, looks, look_first, claimed_by, claimed_at, tweet_id, posted_at, decided_at, updated_at, doubt_until, looked_first) VALUES
  ('01a3185c-5000-7abd-b3e9-037640ef4f46', 1, '01a3185c-5000-78d2-84c5-23b585769ab3', '2143981510456246272', 'staged', X'3AAEF9718C445AA650766822E4050E15265B2692773D052A2665F25C5B48D666', 1, 0, 1800000600000, 1800022200000, NULL, NULL, NULL, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, 1800000000000, NULL, 0);
INSERT INTO post (post_id, revision, store_id, account, state, body_hash, parts, live, due_at, not_after, next_at, code, message, attempts, looks, look_first, claimed_by, claimed_at, tweet_id, posted_at, decided_at, updated_at, doubt_until, looked_first) VALUES
  ('01a3185c-5000-7048-8b98-d779657d7dac', 1, '01a3185c-5000-78d2-84c5-23b585769ab3', '2143981510456246272', 'staged', X'CCF6AA294DC3F43C4A9E283E57DCF416A9762ADD982AE76DF343953D2395355F', 2, 0, 1800000700000, 1800022300000, NULL, NULL, NULL, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, 1800000000000, NULL, 0);
INSERT INTO post (post_id, revision, store_id, account, state, body_hash, parts, live, due_at, not_after, next_at, code, message, attempts, looks, look_first, claimed_by, claimed_at, tweet_id, posted_at, decided_at, updated_at, doubt_until, looked_first) VALUES
  ('01a3185c-5000-71ff-bad3-39dbfe2b9a68', 2, '01a3185c-5000-78d2-84c5-23b585769ab3', '2143981510456246272', 'staged', X'E8B33D349620DDCED50618E31504D3DAB02144AF8C43408BEB7E4477E2D5E2A1', 1, 0, 1800000800000, 1800022400000, NULL, NULL, NULL, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, 1800000000000, NULL, 0);
INSERT INTO part (post_id, part, text) VALUES
  ('01a3185c-5000-7048-8b98-d779657d7dac', 0, 'A thread that waits');
INSERT INTO part (post_id, part, text) VALUES
  ('01a3185c-5000-7048-8b98-d779657d7dac', 1, 'its end');
INSERT INTO part (post_id, part, text) VALUES
  ('01a3185c-5000-71ff-bad3-39dbfe2b9a68', 0, 'Words after the edit');
INSERT INTO part (post_id, part, text) VALUES
  ('01a3185c-5000-7354-894a-de75377690c1', 0, 'A post that went out');
INSERT INTO part (post_id, part, text) VALUES
  ('01a3185c-5000-7abd-b3e9-037640ef4f46', 0, 'A post that waits');
INSERT INTO intent (post_id, revision, part, step, attempt, account, text_hash, since_id, reply_to, started_at, outcome, detail, ended_at, clock_ahead, x_since) VALUES
  ('01a3185c-5000-7354-894a-de75377690c1', 1, 0, 'create', 1, '2143981510456246272', X'002118A38964E492BD4DD351C096B0426E7E0283AE58562881BBCB40F720B4CB', NULL, NULL, 1800000002000, 'created', '2143981518844854272', 1800000002000, 0, 1800000000038);
INSERT INTO live_part (post_id, part, tweet_id, account, at) VALUES
  ('01a3185c-5000-7354-894a-de75377690c1', 0, '2143981518844854272', '2143981510456246272', 1800000002000);
INSERT INTO event (seq, at, body) VALUES
  (1, 1800000000000, '{"kind":"account","account":{"x_user_id":"2143981510456246272","username":"ada","name":"ada","subscription_type":"None","health":"connected","message":null,"proven_at":1800000000000}}');
INSERT INTO event (seq, at, body) VALUES
  (2, 1800000002000, '{"kind":"delivery","delivery":{"post_id":"01a3185c-5000-7354-894a-de75377690c1","revision":1,"account":"2143981510456246272","state":"claimed","due_at":1800000001000,"until":null,"tweet_id":null,"code":null,"message":null,"attempts":0,"posted_at":null,"updated_at":1800000002000}}');
INSERT INTO event (seq, at, body) VALUES
  (3, 1800000002000, '{"kind":"delivery","delivery":{"post_id":"01a3185c-5000-7354-894a-de75377690c1","revision":1,"account":"2143981510456246272","state":"sending","due_at":1800000001000,"until":null,"tweet_id":null,"code":null,"message":null,"attempts":1,"posted_at":null,"updated_at":1800000002000}}');
INSERT INTO event (seq, at, body) VALUES
  (4, 1800000002000, '{"kind":"delivery","delivery":{"post_id":"01a3185c-5000-7354-894a-de75377690c1","revision":1,"account":"2143981510456246272","state":"posted","due_at":1800000001000,"until":null,"tweet_id":"2143981518844854272","code":null,"message":null,"attempts":1,"posted_at":1800000002000,"updated_at":1800000002000}}');
