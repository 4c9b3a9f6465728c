-- Revocations, the newest last.
-- Parameters: client_id or empty, and of the one to begin behind: revoked_at, x5t; limit.
-- Index: revoked_certificates_order.
SELECT x5t, client_id, reason, revoked_at, expires_at
FROM revoked_certificates
WHERE (?1 = '' OR client_id = ?1) AND (revoked_at, x5t) > (?2, ?3)
ORDER BY revoked_at, x5t LIMIT ?4
