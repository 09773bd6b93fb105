-- A record's zone is looked for at the commit: checked in each statement, it would make a statement
-- that inserts many rows keep a copy of every page that it touches.
CREATE TABLE records_0004 (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid BLOB NOT NULL UNIQUE,
    zone_id INTEGER NOT NULL REFERENCES zones (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    owner BLOB NOT NULL,
    type INTEGER NOT NULL,
    ttl INTEGER NOT NULL,
    rdata BLOB NOT NULL, -- wire form, names uncompressed
    value TEXT, -- the text that was sent, where the RDATA does not give it back
    priority INTEGER, -- where the RDATA has no place for it
    created_at INTEGER NOT NULL,
    addresses BLOB -- those that an ALIAS was last found to stand for
) STRICT;

INSERT INTO records_0004
SELECT id, uuid, zone_id, owner, type, ttl, rdata, value, priority, created_at, addresses
FROM records ORDER BY id;

-- The ids of deleted records are not given again.
DELETE FROM sqlite_sequence WHERE name = 'records_0004';

INSERT INTO sqlite_sequence (name, seq)
SELECT 'records_0004', seq FROM sqlite_sequence WHERE name = 'records';

DROP TABLE records;

ALTER TABLE records_0004 RENAME TO records;

CREATE INDEX records_at_owner ON records (zone_id, owner);
CREATE INDEX alias_records ON records (zone_id) WHERE type = 65401;
