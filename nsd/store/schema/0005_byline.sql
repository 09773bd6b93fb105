-- By which credential of the actor, and from which address; empty where that does not apply.
ALTER TABLE journal ADD COLUMN credential TEXT NOT NULL DEFAULT '';
ALTER TABLE journal ADD COLUMN address TEXT NOT NULL DEFAULT '';
