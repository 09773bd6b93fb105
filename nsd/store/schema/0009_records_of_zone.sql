-- A zone's records in the order of their creation, page by page; the type is there to be counted.
CREATE INDEX records_of_zone ON records (zone_id, id, type);
