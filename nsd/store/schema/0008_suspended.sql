-- Since when accounts and zones are suspended; NULL where they are not. The zones of a suspended
-- account are suspended with it.
ALTER TABLE users ADD COLUMN suspended_at INTEGER;
ALTER TABLE zones ADD COLUMN suspended_at INTEGER;
