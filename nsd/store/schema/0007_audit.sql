-- Each change of users, their credentials, keys and secondaries; never a secret.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL, -- empty for the server itself
    credential TEXT NOT NULL,
    door TEXT NOT NULL,
    address TEXT NOT NULL,
    verb TEXT NOT NULL,
    kind TEXT NOT NULL, -- of what was changed
    name TEXT NOT NULL, -- of it
    fields TEXT NOT NULL -- what was given, or became of it, as JSON
) STRICT;
