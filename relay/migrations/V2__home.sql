-- What tells this file from a copy of it; NULL until it is opened next.
ALTER TABLE relay ADD COLUMN home TEXT;
