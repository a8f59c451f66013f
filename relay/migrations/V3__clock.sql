-- How far this clock was ahead of X's, in milliseconds, when last compared; and X's time then.
ALTER TABLE relay ADD COLUMN clock_ahead INTEGER;
ALTER TABLE relay ADD COLUMN x_heard_at INTEGER;
-- The same when a call was made: how far ahead, and what X's clock certainly showed by then.
ALTER TABLE intent ADD COLUMN clock_ahead INTEGER;
ALTER TABLE intent ADD COLUMN x_since INTEGER;
