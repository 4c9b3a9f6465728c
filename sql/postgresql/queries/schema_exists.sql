-- One row if any migration was ever applied here.
-- Parameters: none.
-- Index: the catalogue's own.
SELECT 1 WHERE to_regclass('schema_migrations') IS NOT NULL
