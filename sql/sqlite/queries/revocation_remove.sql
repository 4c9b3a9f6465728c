-- Takes a revocation back.
-- Parameters: x5t.
-- Index: that of x5t.
DELETE FROM revoked_certificates WHERE x5t = ?1
