-- One row if any migration was ever applied here.
-- Parameters: none.
-- Index: none, the catalogue is small.
SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'
