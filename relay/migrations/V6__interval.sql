-- How far this clock was ahead of X's at the most, in milliseconds, when last compared.
ALTER TABLE relay ADD COLUMN clock_ahead_at_most INTEGER;
