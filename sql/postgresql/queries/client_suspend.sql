-- Suspends a client whose software statement has expired: of concurrent callers one changes the row.
-- Parameters: client_id, statement_expires_at, suspended_at.
-- Index: that of client_id.
UPDATE clients SET suspended_at = $3, revision = revision + 1
WHERE client_id = $1 AND statement_expires_at = $2 AND suspended_at = 0
