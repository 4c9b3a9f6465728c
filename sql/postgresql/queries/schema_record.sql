-- Remembers a migration, in its own transaction.
-- Parameters: number, name, checksum, applied_at.
-- Index: that of number.
INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)
