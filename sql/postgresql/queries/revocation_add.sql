-- Revokes a certificate here. The unique constraint decides between concurrent callers.
-- Parameters: x5t, client_id, reason, revoked_at, expires_at.
-- Index: that of x5t.
INSERT INTO revoked_certificates (x5t, client_id, reason, revoked_at, expires_at) VALUES ($1, $2, $3, $4, $5)
