-- All revocations, the newest last.
-- Parameters: none.
-- Index: none; all rows.
SELECT x5t, client_id, reason, revoked_at, expires_at FROM revoked_certificates ORDER BY revoked_at, x5t
