-- Kinds of zones: 'primary'; 'secondary', fetched from elsewhere; 'catalog', made by the server.
ALTER TABLE zones ADD COLUMN kind TEXT NOT NULL DEFAULT 'primary';

-- Secrets are encrypted by the key file in the data folder. The former secret holds for a while
-- after a rotation.
CREATE TABLE tsig_keys (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name BLOB NOT NULL UNIQUE,
    algorithm TEXT NOT NULL,
    secret BLOB NOT NULL,
    former_secret BLOB,
    former_until INTEGER,
    created_at INTEGER NOT NULL
) STRICT;

-- One catalog zone (RFC 9432) for each group of secondaries.
CREATE TABLE catalogs (
    zone_id INTEGER PRIMARY KEY REFERENCES zones (id) ON DELETE CASCADE,
    group_name TEXT NOT NULL UNIQUE
) STRICT;

-- Which zone is in which catalog. `former_id` is the catalog that it is leaving, until `leaves_at`.
CREATE TABLE members (
    zone_id INTEGER PRIMARY KEY REFERENCES zones (id) ON DELETE CASCADE,
    catalog_id INTEGER NOT NULL REFERENCES catalogs (zone_id) ON DELETE CASCADE,
    label TEXT NOT NULL, -- stands for this zone and no other, not even one of the same name
    property TEXT NOT NULL, -- the group property; empty for none
    former_id INTEGER REFERENCES catalogs (zone_id) ON DELETE SET NULL,
    leaves_at INTEGER
) STRICT;

CREATE INDEX members_of_catalog ON members (catalog_id);
CREATE INDEX members_leaving ON members (former_id) WHERE former_id IS NOT NULL;

CREATE TABLE secondaries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    host TEXT NOT NULL,
    port INTEGER NOT NULL,
    key_id INTEGER REFERENCES tsig_keys (id),
    catalog_id INTEGER NOT NULL REFERENCES catalogs (zone_id),
    control TEXT NOT NULL, -- the command that adds and deletes its zones; empty for none
    is_from_settings INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- What each secondary was last seen to serve; no serial where it served nothing.
CREATE TABLE secondary_status (
    secondary_id INTEGER NOT NULL REFERENCES secondaries (id) ON DELETE CASCADE,
    apex BLOB NOT NULL,
    serial INTEGER,
    seen_at INTEGER,
    behind_since INTEGER,
    error TEXT NOT NULL,
    PRIMARY KEY (secondary_id, apex)
) STRICT, WITHOUT ROWID;

-- Where a secondary zone comes from. `fetched_at` is when the primary last confirmed or sent it.
CREATE TABLE upstreams (
    zone_id INTEGER PRIMARY KEY REFERENCES zones (id) ON DELETE CASCADE,
    host TEXT NOT NULL,
    port INTEGER NOT NULL,
    key_id INTEGER REFERENCES tsig_keys (id),
    fetched_at INTEGER NOT NULL,
    error TEXT NOT NULL
) STRICT;
