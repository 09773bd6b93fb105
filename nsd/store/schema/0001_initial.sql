-- Names are in wire form: lower case where they are keys, case kept where they are values.
-- Times are Unix seconds.

CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL,
    plan TEXT NOT NULL,
    is_admin INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    permissions TEXT NOT NULL, -- separated by blanks
    networks TEXT NOT NULL, -- in CIDR form, separated by blanks; empty: from anywhere
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    last_used_at INTEGER
) STRICT;

CREATE INDEX tokens_of_user ON tokens (user_id);

-- What zones hold until their owner says otherwise; one row, as JSON.
CREATE TABLE defaults (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    content TEXT NOT NULL
) STRICT;

-- The columns of the SOA are NULL where the defaults hold.
CREATE TABLE zones (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES users (id),
    apex BLOB NOT NULL UNIQUE,
    path BLOB NOT NULL UNIQUE, -- the apex's labels from the root down: a zone below has this as prefix
    serial INTEGER NOT NULL,
    record_count INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    soa_ttl INTEGER,
    mname BLOB,
    rname BLOB,
    refresh INTEGER,
    retry INTEGER,
    expire INTEGER,
    minimum INTEGER
) STRICT;

CREATE INDEX zones_of_user ON zones (user_id);

CREATE TABLE records (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid BLOB NOT NULL UNIQUE,
    zone_id INTEGER NOT NULL REFERENCES zones (id) ON DELETE CASCADE,
    owner BLOB NOT NULL,
    type INTEGER NOT NULL,
    ttl INTEGER NOT NULL,
    rdata BLOB NOT NULL, -- wire form, names uncompressed
    value TEXT, -- the text that was sent, where the RDATA does not give it back
    priority INTEGER, -- where the RDATA has no place for it
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX records_at_owner ON records (zone_id, owner);

-- Each change of a zone. `removed` and `added` are records in wire form, the SOA first (RFC 1995).
-- A new zone has no old serial, a deleted one no new serial.
CREATE TABLE journal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    zone_id INTEGER NOT NULL,
    apex BLOB NOT NULL,
    old_serial INTEGER,
    new_serial INTEGER,
    removed BLOB NOT NULL,
    added BLOB NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    door TEXT NOT NULL
) STRICT;

CREATE INDEX journal_of_apex ON journal (apex);
