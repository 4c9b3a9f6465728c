-- The migrations that were applied, in their order.
-- Parameters: none.
-- Index: that of number, for the order.
SELECT number, name, checksum FROM schema_migrations ORDER BY number
