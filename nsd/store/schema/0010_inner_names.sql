-- Names below a zone's apex with names below them, by their labels from the apex down: so whether
-- anything is below a name is a question for a range. `children` counts the names with records one
-- label below. Most zones have none; those of catalogs are not kept.
CREATE TABLE inner_names (
    zone_id INTEGER NOT NULL REFERENCES zones (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    path BLOB NOT NULL,
    children INTEGER NOT NULL,
    PRIMARY KEY (zone_id, path)
) STRICT, WITHOUT ROWID;

INSERT INTO inner_names
SELECT zone_id, path_below(parent, apex), count(DISTINCT owner) FROM (
    SELECT zone_id, owner, substr(owner, unicode(CAST(substr(owner, 1, 1) AS TEXT)) + 2) AS parent
    FROM records
) JOIN zones ON zones.id = zone_id
WHERE length(parent) > length(apex) AND kind <> 'catalog'
GROUP BY zone_id, parent;
