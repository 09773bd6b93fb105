-- A zone that is held for another primary is a copy: kinds are 'primary', 'copy' and 'catalog'.
UPDATE zones SET kind = 'copy' WHERE kind = 'secondary';

ALTER TABLE upstreams RENAME TO copies;
