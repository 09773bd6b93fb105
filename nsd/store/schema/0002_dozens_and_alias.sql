-- The Dozens API: a key for each user, and the tokens that it was exchanged for.
ALTER TABLE users ADD COLUMN dozens_key BLOB; -- hash

CREATE TABLE dozens_tokens (
    hash BLOB PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX dozens_tokens_of_user ON dozens_tokens (user_id);
CREATE INDEX dozens_tokens_by_expiry ON dozens_tokens (expires_at);

-- ALIAS: the addresses that a record's target was last found to have.
ALTER TABLE records ADD COLUMN addresses BLOB;

CREATE INDEX alias_records ON records (zone_id) WHERE type = 65401;

-- Targets that could not be resolved lately, since when.
CREATE TABLE alias_failures (
    target BLOB PRIMARY KEY,
    since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
